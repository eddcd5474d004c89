// Owns /simple/: the list of all projects and the project pages. Imports gate's routes. Start at simpleRoutes.
import { pipeline } from 'node:stream/promises';
import express, { type Request, type Response, type Router } from 'express';
import type { GateDeps } from '../gate/deps.ts';
import { serveProjectPage } from '../gate/project-page.ts';
import { parseProjectName } from '../pypi/names.ts';
import { JSON_TYPE, negotiateCoding, negotiateFormat, type SimpleType } from '../pypi/negotiation.ts';
import { sendAbsent, sendMoved, sendRendered, setTiming } from './answers.ts';
import { matchesEtag } from './conditional.ts';
import type { HttpDeps } from './deps.ts';
import type { ProjectListCache } from './project-list-cache.ts';
import { PAGE_CODINGS, type PrefixMap, type Renderer } from './rendering.ts';
import { getContext } from './request-context.ts';

const VARY = 'Accept, Accept-Encoding';

export interface SimpleRoutesDeps {
  readonly gate: GateDeps;
  readonly renderer: Renderer;
  readonly list: ProjectListCache;
  readonly http: HttpDeps;
}

function chooseType(request: Request): SimpleType {
  const { format } = request.query;
  return negotiateFormat(request.get('Accept'), typeof format === 'string' ? format : undefined);
}

/** HTML says how it is encoded; the JSON types have no such parameter. */
function toContentType(type: SimpleType): string {
  return type === JSON_TYPE ? type : `${type}; charset=utf-8`;
}

/** Attestations are shown under our own address where that may be: the specification asks for a secure one. */
function findProvenanceMap({ settings, passThrough }: HttpDeps): PrefixMap | undefined {
  if (passThrough === undefined || settings.publicUrl?.startsWith('https:') !== true) return undefined;
  return { from: `${passThrough.origin}/integrity/`, to: `${settings.publicUrl}/integrity/` };
}

async function servePage(request: Request, response: Response, deps: SimpleRoutesDeps): Promise<void> {
  const context = getContext(request);
  context.route = 'project-page';
  const written = String(request.params['project']);
  const project = parseProjectName(written);
  if (project === undefined) {
    sendAbsent(request, response, { kind: 'absent', detail: 'this is not a project name' });
    return;
  }
  if (written !== project || !request.path.endsWith('/')) {
    sendMoved(request, response, `simple/${project}/`);
    return;
  }
  const answer = await serveProjectPage(project, context.client, deps.gate);
  if (answer.kind === 'absent') {
    sendAbsent(request, response, answer);
    return;
  }
  const { model, timing } = answer;
  const type = chooseType(request);
  const coding = negotiateCoding(request.get('Accept-Encoding'), PAGE_CODINGS);
  const rendered = await deps.renderer.renderPage(model, type, coding, findProvenanceMap(deps.http));
  setTiming(response, timing);
  const { lastSerial } = model.page;
  if (lastSerial !== undefined) response.setHeader('X-PyPI-Last-Serial', lastSerial);
  sendRendered(request, response, { ...rendered, type: toContentType(type) }, VARY);
}

async function serveList(request: Request, response: Response, deps: SimpleRoutesDeps): Promise<void> {
  getContext(request).route = 'project-list';
  const type = chooseType(request);
  const coding = negotiateCoding(request.get('Accept-Encoding'), ['gzip']) === 'gzip' ? 'gzip' : 'identity';
  const list = await deps.list.find(type === JSON_TYPE ? 'json' : 'html', coding);
  response.setHeader('Content-Type', toContentType(type));
  response.setHeader('Cache-Control', 'max-age=0, must-revalidate');
  response.setHeader('ETag', list.etag);
  response.setHeader('Vary', VARY);
  if (matchesEtag(request.get('If-None-Match'), list.etag)) {
    getContext(request).outcome = 'not-modified';
    response.statusCode = 304;
    response.end();
    return;
  }
  if (coding !== 'identity') response.setHeader('Content-Encoding', coding);
  response.setHeader('Content-Length', list.sizeBytes);
  if (request.method === 'HEAD') response.end();
  else await pipeline(await list.open(), response);
}

/** GET and HEAD of `/simple/` and `/simple/<project>/`, in any spelling of the name. */
export function simpleRoutes(deps: SimpleRoutesDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.get('/simple', (request, response) => sendMoved(request, response, 'simple/'));
  router.get('/simple/', (request, response) => serveList(request, response, deps));
  router.get(['/simple/:project', '/simple/:project/'], (request, response) => servePage(request, response, deps));
  return router;
}
