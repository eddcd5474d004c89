import { createServer as createNodeServer, type Server } from 'node:http';
import { createApp } from './app.ts';
import type { HttpDeps } from './deps.ts';

/** Longer than any client keeps an idle connection (reqwest: 90 s), or it writes into one that we just closed. */
const KEEP_ALIVE_MS = 97_000;
/** Node closes a connection whose headers take longer; it must be above the keep-alive. */
const HEADERS_MS = 100_000;
/** A connection on which nothing moves for this long is closed; no hold is as long. */
const IDLE_MS = 180_000;

/** An HTTP server with our application and the time-outs that installers need. It does not listen yet. */
export function createServer(deps: HttpDeps): Server {
  const server = createNodeServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS }, createApp(deps));
  server.timeout = IDLE_MS;
  return server;
}
