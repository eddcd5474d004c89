// Owns /pypi/…/json and /b/<id>: what programs and people read beside the simple index. Start at jsonRoutes, explanationRoutes.
import express, { type Request, type Response, type Router } from 'express';
import type { GateDeps } from '../gate/deps.ts';
import { explainRefusal } from '../gate/explanation.ts';
import { serveProjectJson } from '../gate/json-api.ts';
import { parseProjectName } from '../pypi/names.ts';
import { negotiateCoding } from '../pypi/negotiation.ts';
import { sendAbsent, sendMoved, sendRendered } from './answers.ts';
import { describeExplanation, describePrivate, renderExplanation, renderPrivate } from './explanation-page.ts';
import { EXPLANATION_STYLE_HASH } from './explanation-style.ts';
import { PAGE_CODINGS, type Renderer } from './rendering.ts';
import { getContext } from './request-context.ts';
import { layRequest, type Support } from './waiver-request.ts';

const VALID_VERSION = /^[A-Za-z0-9.!+_-]{1,100}$/;

async function serveJson(
  request: Request,
  response: Response,
  deps: { readonly gate: GateDeps; readonly renderer: Renderer },
) {
  const context = getContext(request);
  context.route = 'json-api';
  const written = String(request.params['project']);
  const version = request.params['version'] as string | undefined;
  const project = parseProjectName(written);
  if (project === undefined || (version !== undefined && !VALID_VERSION.test(version))) {
    sendAbsent(request, response, { kind: 'absent', detail: 'this is not the name of a project or version' });
    return;
  }
  if (written !== project) {
    const rest = version === undefined ? 'json' : `${encodeURIComponent(version)}/json`;
    sendMoved(request, response, `pypi/${project}/${rest}`);
    return;
  }
  const answer = await serveProjectJson(project, version, deps.gate);
  if (answer.kind === 'absent') {
    sendAbsent(request, response, answer);
    return;
  }
  const coding = negotiateCoding(request.get('Accept-Encoding'), PAGE_CODINGS);
  const rendered = await deps.renderer.renderDocument(`${answer.key}|${context.baseUrl}`, coding, async () => {
    const loaded = await answer.load(context.baseUrl);
    if (loaded === undefined) return undefined;
    return { value: loaded.value, validUntil: Math.min(answer.validUntil, loaded.validUntil ?? answer.validUntil) };
  });
  if (rendered === undefined)
    sendAbsent(request, response, { kind: 'absent', detail: 'the index has no such document' });
  else sendRendered(request, response, rendered, 'Accept-Encoding');
}

/** GET and HEAD of `/pypi/<project>/json` and `/pypi/<project>/<version>/json`. */
export function jsonRoutes(deps: { readonly gate: GateDeps; readonly renderer: Renderer }): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  const paths = ['/pypi/:project/json', '/pypi/:project/:version/json'];
  router.get([...paths, ...paths.map((path) => `${path}/`)], (request, response) => serveJson(request, response, deps));
  return router;
}

/** Nothing may run, load, frame or be sent from the page; its one style is named by digest. */
const EXPLANATION_HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src '${EXPLANATION_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
  Vary: 'Accept',
};

/** GET and HEAD of `/b/<id>`: HTML for people, JSON for programs that ask for it. */
export function explanationRoutes(deps: { readonly gate: GateDeps; readonly support: Support }): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.get(['/b/:id', '/b/:id/'], async (request, response) => {
    getContext(request).route = 'explanation';
    const answer = await explainRefusal(String(request.params['id']), deps.gate);
    if (answer.kind === 'absent') {
      sendAbsent(request, response, answer);
      return;
    }
    const isJson = request.accepts(['html', 'json']) === 'json';
    const isPrivate = answer.kind === 'private';
    const pageUrl = `${getContext(request).baseUrl}/b/${answer.id}`;
    const wish = isPrivate ? undefined : layRequest(answer, pageUrl, deps.support);
    const page = () => (isPrivate ? renderPrivate(answer.id) : renderExplanation(answer, wish));
    const value = () => (isPrivate ? describePrivate() : describeExplanation(answer, wish));
    const body = Buffer.from(isJson ? JSON.stringify(value()) : page());
    response.statusCode = isPrivate ? 403 : 200;
    for (const [name, value] of Object.entries(EXPLANATION_HEADERS)) response.setHeader(name, value);
    response.setHeader('Content-Type', isJson ? 'application/json' : 'text/html; charset=utf-8');
    response.setHeader('Content-Length', body.byteLength);
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  return router;
}
