// Owns the admin API over TCP: a bearer token, JSON in and out. Exists only when tokens are configured. Host and Origin are
// checked where it is mounted (app.ts).
// May import express and admin. Start at adminRoutes; what the resources do stands in admin/admin.ts.
import express, { type Request, type Response, type Router } from 'express';
import { type AdminAnswer, type AdminRequest, readAdminPath } from '../admin/admin-request.ts';
import { CordonError, isCordonError } from '../errors.ts';
import type { Log } from '../ports/log.ts';
import { type AdminToken, findTokenHolder } from './admin-access.ts';

export interface AdminRoutesDeps {
  readonly answer: (request: AdminRequest) => Promise<AdminAnswer>;
  readonly tokens: readonly AdminToken[];
  readonly log: Log;
}

function send(response: Response, status: number, value: unknown): void {
  response.status(status).set({
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="cordon admin"' } : {}),
  });
  response.end(JSON.stringify(value));
}

function sendFailure(response: Response, error: unknown, log: Log): void {
  if (isCordonError(error) && error.expose) {
    send(response, error.status, { status: error.status, code: error.code, title: error.code, detail: error.message });
    return;
  }
  log.error({ err: error }, 'admin request failed');
  send(response, 500, { status: 500, code: 'INTERNAL', title: 'INTERNAL', detail: 'something failed inside Cordon' });
}

function readQuery(request: Request): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(request.originalUrl, 'http://cordon.invalid').searchParams);
}

async function serve(request: Request, response: Response, deps: AdminRoutesDeps): Promise<void> {
  const { authorization } = request.headers;
  const holder = findTokenHolder(authorization, deps.tokens);
  if (holder === undefined) {
    const why =
      authorization === undefined ? 'a bearer token is needed' : 'this server does not know the token (admin.tokens)';
    throw new CordonError('UNAUTHORIZED', why);
  }
  const answer = await deps.answer({
    method: request.method,
    path: readAdminPath(request.path),
    query: readQuery(request),
    body: request.body as unknown,
    actor: `token:${holder}`,
    isLocal: false,
  });
  send(response, answer.status, answer.value);
}

/** The router to mount under `/-/api`, for people: another site's page must not reach it. */
export function adminRoutes(deps: AdminRoutesDeps): Router {
  const router = express.Router();
  router.use(express.json({ limit: '1mb', type: 'application/json' }));
  router.use((request, response) => {
    serve(request, response, deps).catch((error: unknown) => sendFailure(response, error, deps.log));
  });
  // express.json's own failures: not JSON, too large.
  router.use((_error: unknown, _request: Request, response: Response, _next: unknown) => {
    sendFailure(response, new CordonError('BAD_REQUEST', 'the request body is not JSON, or too large'), deps.log);
  });
  return router;
}
