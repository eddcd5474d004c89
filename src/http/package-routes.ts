// Owns /packages/: files and their core metadata. Imports gate's routes. Start at packageRoutes.
import express, { type Request, type Response, type Router } from 'express';
import { isCordonError } from '../errors.ts';
import type { FileAnswer } from '../gate/answers.ts';
import { serveMetadata } from '../gate/core-metadata.ts';
import type { GateDeps } from '../gate/deps.ts';
import { type FileRequest, serveFile } from '../gate/file.ts';
import { encodeFilePath } from '../pypi/file-path.ts';
import { isPlainFilename } from '../pypi/filename.ts';
import { recordAccess, recordBreak } from './access-records.ts';
import {
  sendAbsent,
  sendBytes,
  sendFile,
  sendMoved,
  sendNextHop,
  sendRefused,
  sendUnfinished,
  type TransferDeps,
} from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { getContext } from './request-context.ts';
import type { SmallFiles } from './small-files.ts';

const METADATA_SUFFIX = '.metadata';

export interface PackageRoutesDeps {
  readonly gate: GateDeps;
  readonly smallFiles: SmallFiles;
  readonly http: HttpDeps;
}

/** The decoded path below our root; undefined when a segment hides a separator. */
function findPath(request: Request): string | undefined {
  const segments = request.params['rest'] as unknown as readonly string[];
  return segments.every(isPlainFilename) ? ['packages', ...segments].join('/') : undefined;
}

/** `?h=3`; anything else counts as the first request. */
function findHop(request: Request): number {
  const { h } = request.query;
  return typeof h === 'string' && /^[0-9]{1,2}$/.test(h) ? Number(h) : 0;
}

async function sendAnswer(
  request: Request,
  response: Response,
  answer: FileAnswer,
  transfer: TransferDeps,
): Promise<void> {
  switch (answer.kind) {
    case 'file':
      await sendFile(request, response, answer, transfer);
      break;
    case 'refused':
      sendRefused(request, response, answer);
      break;
    case 'next-hop':
      sendNextHop(request, response, answer, '');
      break;
    case 'unfinished':
      sendUnfinished(request, response, answer);
      break;
    case 'moved':
      sendMoved(request, response, encodeFilePath(answer.path));
      break;
    case 'absent':
      sendAbsent(request, response, answer);
      break;
  }
}

/** What the gate is asked; the signal is made when something waits. */
function describeRequest(request: Request, path: string): FileRequest {
  const context = getContext(request);
  return {
    path,
    hop: findHop(request),
    client: context.client,
    get signal() {
      return context.signal;
    },
  };
}

async function serveOneFile(
  request: Request,
  response: Response,
  path: string,
  deps: PackageRoutesDeps,
): Promise<void> {
  const asked = describeRequest(request, path);
  const answer = await serveFile(asked, deps.gate);
  const record = recordAccess(request, answer, deps.http);
  const transfer: TransferDeps = {
    smallFiles: deps.smallFiles,
    onBreak: (sentBytes) => {
      if (record !== undefined) recordBreak(record, sentBytes, deps.http);
    },
  };
  try {
    await sendAnswer(request, response, answer, transfer);
  } catch (error) {
    // Evicted between the look and the opening: the gate fetches it again.
    if (response.headersSent || !isCordonError(error, 'NOT_FOUND')) throw error;
    const again = await serveFile(asked, deps.gate);
    // the record says already that the file went out; what came instead is another matter
    if (again.kind !== 'file') recordAccess(request, again, deps.http);
    await sendAnswer(request, response, again, transfer);
  }
}

async function serveOneMetadata(
  request: Request,
  response: Response,
  path: string,
  deps: PackageRoutesDeps,
): Promise<void> {
  const answer = await serveMetadata(describeRequest(request, path), deps.gate);
  recordAccess(request, answer, deps.http);
  switch (answer.kind) {
    case 'metadata':
      sendBytes(request, response, answer.bytes, answer.sha256);
      break;
    case 'refused':
      sendRefused(request, response, answer);
      break;
    case 'next-hop':
      sendNextHop(request, response, answer, METADATA_SUFFIX);
      break;
    case 'unfinished':
      sendUnfinished(request, response, answer);
      break;
    case 'absent':
      sendAbsent(request, response, answer);
      break;
  }
}

/** GET and HEAD of `/packages/…/<file>` and `/packages/…/<file>.metadata`, also for whoever resolves PyPI's file host to us. */
export function packageRoutes(deps: PackageRoutesDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.get('/packages/*rest', async (request, response) => {
    const path = findPath(request);
    const isMetadata = path?.endsWith(METADATA_SUFFIX) === true;
    getContext(request).route = isMetadata ? 'core-metadata' : 'file';
    if (path === undefined) sendAbsent(request, response, { kind: 'absent', detail: 'this is not the path of a file' });
    else if (isMetadata) await serveOneMetadata(request, response, path.slice(0, -METADATA_SUFFIX.length), deps);
    else await serveOneFile(request, response, path, deps);
  });
  return router;
}
