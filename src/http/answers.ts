// Owns the way from answer values to status and headers. Imports gate's answers and texts. Start at sendRefused, sendRendered.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { CordonError, isCordonError } from '../errors.ts';
import type { Absent, NextHop, Refused, Served, Timing, Unfinished } from '../gate/answers.ts';
import { describeRefusal, describeUnfinished } from '../gate/refusal-text.ts';
import { matchesEtag, parseRange } from './conditional.ts';
import { sendProblem } from './problem.ts';
import type { RenderedBody } from './rendering.ts';
import { getContext } from './request-context.ts';
import type { SmallFiles } from './small-files.ts';

/** What a client must ask about again each time: another verdict changes it. */
const REVALIDATE = 'max-age=0, must-revalidate';

/** Tells what the request waited for, so that a slow install can be explained from its headers. */
export function setTiming(response: Response, { holdMs, times }: Timing): void {
  if (holdMs === 0 && times === undefined) return;
  const parts: Readonly<Record<string, number>> = {
    hold: holdMs,
    ...(times === undefined
      ? {}
      : { queue: times.queueMs + times.scanQueueMs, fetch: times.fetchMs, scan: times.scanMs }),
  };
  const entries = Object.entries(parts).map(([name, ms]) => `${name};dur=${Math.round(ms)}`);
  response.setHeader('Server-Timing', entries.join(', '));
}

export function sendAbsent(request: Request, response: Response, { detail }: Absent): void {
  getContext(request).outcome = 'absent';
  sendProblem(response, { status: 404, title: 'Not found', detail });
}

/** Leads to another path of ours, encoded and without prefix; never to another origin. */
export function sendMoved(request: Request, response: Response, path: string): void {
  const context = getContext(request);
  context.outcome = 'moved';
  response.statusCode = 301;
  response.setHeader('Location', `${context.basePath}/${path}`);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', 0);
  response.end();
}

/** 403 in all the channels that an installer prints. */
export function sendRefused(request: Request, response: Response, answer: Refused): void {
  const context = getContext(request);
  context.outcome = 'refused';
  setTiming(response, answer.timing);
  const address = `${context.baseUrl}/b/${answer.explanationId}`;
  const text = describeRefusal(answer.file, answer.verdict, address);
  sendProblem(response, {
    status: 403,
    ...text,
    type: address,
    instance: request.path,
    members: { verdict: answer.verdict.kind, cause: answer.verdict.reason },
  });
}

/** 403 while the work goes on: 503 would be retried, and pip and PDM would drop the words. */
export function sendUnfinished(request: Request, response: Response, answer: Unfinished): void {
  getContext(request).outcome = 'held';
  setTiming(response, answer.timing);
  sendProblem(response, { status: 403, ...describeUnfinished(answer.file, answer.phase), instance: request.path });
}

/**
 * 307 to the same file. The reference is relative: it survives any prefix in front of us.
 *
 * @param suffix of what was asked for: `.metadata`, or nothing
 */
export function sendNextHop(request: Request, response: Response, answer: NextHop, suffix: string): void {
  getContext(request).outcome = 'next-hop';
  setTiming(response, answer.timing);
  response.statusCode = 307;
  response.setHeader('Location', `${encodeURIComponent(answer.file.file.filename)}${suffix}?h=${answer.hop}`);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', 0);
  response.end();
}

/** Sends a page or document, or 304. Buffers end raw: Express would hash and copy them again. */
export function sendRendered(request: Request, response: Response, rendered: RenderedBody, vary: string): void {
  response.setHeader('Content-Type', rendered.type);
  response.setHeader('Cache-Control', REVALIDATE);
  response.setHeader('ETag', rendered.etag);
  response.setHeader('Vary', vary);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (matchesEtag(request.get('If-None-Match'), rendered.etag)) {
    getContext(request).outcome = 'not-modified';
    response.statusCode = 304;
    response.end();
    return;
  }
  if (rendered.coding !== 'identity') response.setHeader('Content-Encoding', rendered.coding);
  response.setHeader('Content-Length', rendered.body.byteLength);
  response.end(request.method === 'HEAD' ? undefined : rendered.body);
}

/** Sends small bytes that are named by their digest, identity always: pip hashes what comes over the wire. */
export function sendBytes(request: Request, response: Response, bytes: Uint8Array, sha256: string): void {
  sendRendered(
    request,
    response,
    { body: Buffer.from(bytes), type: 'application/octet-stream', coding: 'identity', etag: `"sha256-${sha256}"` },
    'Accept-Encoding',
  );
}

/** Headers of an allowed file. Revocable: an installer asks each time, and hears 304 or the refusal. */
function setFileHeaders(response: Response, etag: string, timing: Timing): void {
  setTiming(response, timing);
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', `private, ${REVALIDATE}`);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('X-Content-Type-Options', 'nosniff');
}

function sendUnsatisfiable(response: Response, sizeBytes: number): void {
  const headers = { 'Content-Range': `bytes */${sizeBytes}` };
  sendProblem(response, { status: 416, title: 'Range not satisfiable', detail: 'the file is shorter', headers });
}

/** What a transfer needs, and whom it tells. */
export interface TransferDeps {
  readonly smallFiles: SmallFiles;
  /** The client went away, or was cut off. Bytes: of the file, at most; undefined: unknown, it was small. */
  readonly onBreak: (sentBytes: number | undefined) => void;
}

/** Sends a stream as the body. Rejects when it did not come to its end. */
async function sendStream(stream: Readable, response: Response, onBreak: TransferDeps['onBreak']): Promise<void> {
  let takenBytes = 0;
  stream.on('data', (chunk: Buffer) => {
    takenBytes += chunk.byteLength;
  });
  try {
    await pipeline(stream, response);
  } catch (error) {
    onBreak(takenBytes);
    throw error;
  }
}

/** Sends a small file in one write. What the connection does not take at once may be cut, or not arrive. */
function sendWhole(bytes: Buffer, response: Response, answer: Served, onBreak: TransferDeps['onBreak']): void {
  response.end(bytes);
  if (response.writableLength === 0) return;
  answer.watch(response);
  response.once('close', () => {
    if (!response.writableFinished) onBreak(undefined);
  });
}

/**
 * Sends an allowed file: whole, one range of it, 304 or 416. Small ones from memory, the others as a stream.
 *
 * @throws CordonError NOT_FOUND before anything is sent, when the blob was evicted in this very moment
 */
export async function sendFile(
  request: Request,
  response: Response,
  answer: Served,
  { smallFiles, onBreak }: TransferDeps,
): Promise<void> {
  const etag = `"sha256-${answer.sha256}"`;
  if (matchesEtag(request.get('If-None-Match'), etag)) {
    getContext(request).outcome = 'not-modified';
    setFileHeaders(response, etag, answer.timing);
    response.statusCode = 304;
    response.end();
    return;
  }
  const asked = request.method === 'GET' ? request.get('Range') : undefined;
  const part = parseRange(asked, request.get('If-Range'), etag, answer.sizeBytes);
  if (part.kind === 'unsatisfiable') {
    sendUnsatisfiable(response, answer.sizeBytes);
    return;
  }
  const range = part.kind === 'part' ? part.range : undefined;
  const { start, end } = range ?? { start: 0, end: answer.sizeBytes - 1 };
  const isHead = request.method === 'HEAD';
  const whole = isHead ? undefined : await smallFiles.find(answer);
  const stream = isHead || whole !== undefined ? undefined : await answer.open(range);
  setFileHeaders(response, etag, answer.timing);
  if (range !== undefined) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${start}-${end}/${answer.sizeBytes}`);
  }
  response.setHeader('Content-Length', end - start + 1);
  if (stream !== undefined) await sendStream(stream, response, onBreak);
  else if (whole !== undefined) sendWhole(whole.subarray(start, end + 1), response, answer, onBreak);
  else response.end();
}

const RETRY_AFTER_SECONDS = 5;

/** Turns anything thrown into a problem: never a stack trace, never a word of a failure that is not meant to be seen. */
export function sendFailure(request: Request, response: Response, error: unknown): void {
  const { requestId } = getContext(request);
  const failure = findFailure(error);
  const status = failure?.status ?? 500;
  const detail = failure?.expose === true ? failure.message : 'something failed inside Cordon; its log has the details';
  const mayRetry = status === 502 || status === 503 || status === 504 || status === 429;
  sendProblem(response, {
    status,
    reason: `Cordon: ${detail}`,
    title: status < 500 ? 'Cordon cannot answer this request' : 'Cordon failed',
    detail: `${detail} (request ${requestId})`,
    members: { code: failure?.code ?? 'INTERNAL', requestId },
    headers: {
      // Whole seconds: Poetry crashes on a date.
      ...(mayRetry ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {}),
      ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    },
  });
}

/** The failure behind anything thrown; undefined: a bug. Express throws errors of its own for a path whose escapes are broken. */
export function findFailure(error: unknown): CordonError | undefined {
  if (isCordonError(error)) return error;
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return status === 400 ? new CordonError('BAD_REQUEST', 'the request cannot be read') : undefined;
}
