// Owns what machines that watch a server ask: alive, ready, metrics. May import express types and admin-access.
import type { RequestHandler } from 'express';
import { type AdminToken, findTokenHolder } from './admin-access.ts';

export interface HealthDeps {
  /** requests can be served; false while starting and while stopping */
  readonly isReady: () => boolean;
  /** why the policy file on disk is not in force */
  readonly policyProblem: () => string | undefined;
}

const NO_STORE = { 'cache-control': 'no-store' };

/** 200 while the process answers. A broken policy file is said, but does not make the server unhealthy: the last good one is in force. */
export function serveHealth(deps: HealthDeps): RequestHandler {
  return (_request, response) => {
    const problem = deps.policyProblem();
    const value =
      problem === undefined
        ? { status: 'ok' }
        : { status: 'ok', policy: 'the policy file is broken; the last good one is in force' };
    response
      .status(200)
      .set({ ...NO_STORE, 'content-type': 'application/json' })
      .end(JSON.stringify(value));
  };
}

/** 200 or 503. */
export function serveReadiness(deps: HealthDeps): RequestHandler {
  return (_request, response) => {
    const isReady = deps.isReady();
    response
      .status(isReady ? 200 : 503)
      .set({ ...NO_STORE, 'content-type': 'application/json' })
      .end(JSON.stringify({ status: isReady ? 'ready' : 'not ready' }));
  };
}

export interface MetricsRouteDeps {
  readonly contentType: string;
  readonly render: () => Promise<string>;
  /** undefined: open to whoever reaches the port */
  readonly tokens: readonly AdminToken[] | undefined;
}

/** The Prometheus exposition. */
export function serveMetrics(deps: MetricsRouteDeps): RequestHandler {
  return (request, response, next) => {
    if (deps.tokens !== undefined && findTokenHolder(request.headers.authorization, deps.tokens) === undefined) {
      response
        .status(401)
        .set({ ...NO_STORE, 'www-authenticate': 'Bearer realm="cordon admin"' })
        .end();
      return;
    }
    deps.render().then((text) => {
      response
        .status(200)
        .set({ ...NO_STORE, 'content-type': deps.contentType })
        .end(text);
    }, next);
  };
}
