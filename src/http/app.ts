// Owns the Express application: order of the routes, what every request goes through, the error edge. May import gate, admin,
// jobs and below, never an adapter. Start at createApp; each route file turns one gate answer into HTTP.
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { CordonError } from '../errors.ts';
import type { GateDeps } from '../gate/deps.ts';
import type { PageModel } from '../gate/page-model.ts';
import { openProjectList } from '../gate/project-list.ts';
import { createGateDeps } from '../gate/state.ts';
import { isKnownHost, isOwnOrigin } from './admin-access.ts';
import { findFailure, sendAbsent, sendFailure, sendMoved } from './answers.ts';
import { createByteCache } from './byte-cache.ts';
import type { HttpDeps, HttpSettings, Mount } from './deps.ts';
import { frontPage } from './front-page.ts';
import { explanationRoutes, jsonRoutes } from './json-routes.ts';
import { packageRoutes } from './package-routes.ts';
import { passThroughRoutes } from './pass-through.ts';
import { sendProblem } from './problem.ts';
import { createProjectListCache } from './project-list-cache.ts';
import { createRenderer, type RenderedBody } from './rendering.ts';
import { createLeaving, getContext, startContext } from './request-context.ts';
import { limitRequests } from './request-limits.ts';
import { simpleRoutes } from './simple-routes.ts';
import { createSmallFiles } from './small-files.ts';

/** Shares of the memory for caches. */
const SHARES = { rendered: 0.4, models: 0.2, files: 0.3, metadata: 0.08, sizes: 0.01, agreements: 0.01 } as const;

function createGate(deps: HttpDeps): GateDeps {
  const { settings, clock } = deps;
  return createGateDeps(deps, settings, settings, {
    models: createByteCache<PageModel>(settings.cacheBytes * SHARES.models, clock),
    metadata: createByteCache<Uint8Array>(settings.cacheBytes * SHARES.metadata, clock),
    sizes: createByteCache<number>(settings.cacheBytes * SHARES.sizes, clock),
    agreements: createByteCache<true>(settings.cacheBytes * SHARES.agreements, clock),
  });
}

/** Counts and logs each request when its connection is done with it. */
function observe(deps: HttpDeps): RequestHandler {
  return (request, response, next) => {
    const leaving = createLeaving();
    const context = startContext(request, deps.settings, leaving);
    response.setHeader('X-Request-Id', context.requestId);
    response.once('close', () => {
      if (!response.writableFinished) leaving.abort();
      const durationMs = performance.now() - context.startedAt;
      deps.metrics.countRequest(context.route, context.outcome, durationMs);
      const { requestId, route, outcome } = context;
      const path = request.path.slice(0, 300);
      deps.log.debug({ requestId, route, outcome, path, status: response.statusCode, durationMs }, 'request');
    });
    next();
  };
}

/** Takes our own prefix off the path; whoever comes without it is answered too (a proxy that strips it, PyPI's file host). */
function stripPrefix(prefix: string): RequestHandler {
  return (request, _response, next) => {
    if (prefix !== '' && request.url.startsWith(`${prefix}/`)) request.url = request.url.slice(prefix.length);
    next();
  };
}

/** Doubled slashes are redirected (pipenv sends them); backslashes and control characters have no business in a path. */
const tidyPath: RequestHandler = (request, response, next) => {
  const [path = '', query] = request.url.split('?', 2);
  if (/[\\\s\p{Cc}]/u.test(path)) {
    sendAbsent(request, response, { kind: 'absent', detail: 'there is nothing here' });
    return;
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (path.includes('//') && isRead) {
    const tidy = path.replace(/\/{2,}/g, '/').slice(1);
    sendMoved(request, response, query === undefined ? tidy : `${tidy}?${query}`);
    return;
  }
  next();
};

const NO_UPLOADS = 'no uploads here: publish to the index itself, e.g. twine upload to https://upload.pypi.org/legacy/';

const refuseWrites: RequestHandler = (request, _response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') next();
  else next(new CordonError('METHOD', NO_UPLOADS));
};

function findKnownHosts({ publicUrl, allowedHosts }: HttpSettings): readonly string[] {
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  return [...own, ...allowedHosts].map((host) => host.toLowerCase());
}

/** Against a page of another site that points its own name at our address, or posts to us. */
function guardPeople(settings: HttpSettings): RequestHandler {
  const knownHosts = findKnownHosts(settings);
  return (request, response, next) => {
    const { origin } = new URL(getContext(request).baseUrl);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isKnownHost(request.headers.host, knownHosts)) {
      const detail = 'this server does not answer under that name; its setting allowedHosts says which it knows';
      sendProblem(response, { status: 421, title: 'Misdirected request', detail });
    } else if (!isRead && !isOwnOrigin(request.headers, origin)) {
      next(new CordonError('FORBIDDEN', 'the request comes from another site'));
    } else next();
  };
}

function mount(app: Express, { path, handler, isForPeople }: Mount, settings: HttpSettings): void {
  const named: RequestHandler = (request, _response, next) => {
    getContext(request).route = path.replace(/^\/+/, '').split('/')[0] ?? 'other';
    next();
  };
  app.use(path, named, ...(isForPeople ? [guardPeople(settings)] : []), handler);
}

function handleFailure(deps: HttpDeps): ErrorRequestHandler {
  return (error: unknown, request: Request, response, _next) => {
    const context = getContext(request);
    // A client that leaves in the middle of a body is no failure of ours.
    if (response.headersSent || response.destroyed) {
      if (!context.signal.aborted) deps.log.warn({ err: error, requestId: context.requestId }, 'an answer broke off');
      response.destroy();
      return;
    }
    const failure = findFailure(error);
    if (failure === undefined || failure.status === 500)
      deps.log.error({ err: error, requestId: context.requestId, route: context.route }, 'request failed');
    context.outcome = 'failed';
    sendFailure(request, response, error);
  };
}

function trustProxies(app: Express, proxies: readonly string[]): void {
  try {
    app.set('trust proxy', proxies.length === 0 ? false : [...proxies]);
  } catch (error) {
    throw new CordonError('CONFIG_INVALID', `trustedProxies: ${String(error)}`, { cause: error });
  }
}

/** Throws CONFIG_INVALID for what is no address, network or name of networks. */
export function checkTrustedProxies(proxies: readonly string[]): void {
  trustProxies(express(), proxies);
}

/** The whole HTTP surface as an Express application; `createServer` (server.ts) listens with it. */
export function createApp(deps: HttpDeps): Express {
  const { settings } = deps;
  const gate = createGate(deps);
  const renderer = createRenderer(
    createByteCache<RenderedBody>(settings.cacheBytes * SHARES.rendered, deps.clock),
    deps.metrics,
  );
  const smallFiles = createSmallFiles(createByteCache<Buffer>(settings.cacheBytes * SHARES.files, deps.clock), deps);
  const list = createProjectListCache({
    folder: settings.listFolder,
    freshMs: settings.listFreshMs,
    clock: deps.clock,
    log: deps.log,
    metrics: deps.metrics,
    // Its own deadline is the upstream client's: the list is not the work of the client that asked first.
    open: () => openProjectList(settings.listUpstreams, new AbortController().signal, deps),
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('strict routing', true);
  app.set('case sensitive routing', true);
  app.set('query parser', 'simple');
  trustProxies(app, settings.trustedProxies);
  app.use(observe(deps), limitRequests(settings), stripPrefix(settings.pathPrefix), tidyPath);
  for (const further of deps.mounts ?? []) mount(app, further, settings);
  app.use(refuseWrites);
  app.get('/', frontPage);
  app.use(simpleRoutes({ gate, renderer, list, http: deps }));
  app.use(packageRoutes({ gate, smallFiles, http: deps }));
  app.use(jsonRoutes({ gate, renderer }));
  app.use(explanationRoutes({ gate, support: settings.support ?? {} }));
  if (deps.passThrough !== undefined) app.use(passThroughRoutes(deps.passThrough, deps));
  app.use((request, response) => sendAbsent(request, response, { kind: 'absent', detail: 'there is nothing here' }));
  app.use(handleFailure(deps));
  return app;
}
