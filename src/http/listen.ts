// Owns the listening and stopping of a server. Imports errors alone.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CordonError } from '../errors.ts';

/**
 * Listens.
 *
 * @returns the port, which the system chooses for 0
 * @throws CordonError CONFIG_INVALID, saying plainly why not
 */
export function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${String(port)} on ${host} is in use: stop what uses it, or take another port (--port 8081)`
          : `cannot listen on ${host}:${String(port)}`;
      reject(new CordonError('CONFIG_INVALID', why, { cause: error }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Stops taking connections, waits at most so long for the answers under way, then cuts the rest. */
export async function drain(server: Server, waitMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), waitMs);
  await closed;
  clearTimeout(timer);
}
