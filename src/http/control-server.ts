// Owns the control socket: the admin resources over HTTP on a unix socket in the data folder, for the CLI of this machine.
// May import admin and errors. Start at openControlServer. Who can open the socket (mode 0600) is the administrator: no token.
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, type Stats, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type AdminAnswer, type AdminRequest, readAdminPath } from '../admin/admin-request.ts';
import { CordonError, isCordonError } from '../errors.ts';
import type { Log } from '../ports/log.ts';

const MAX_BODY_BYTES = 1024 * 1024;

export interface ControlServer {
  close(): Promise<void>;
}

export interface ControlDeps {
  readonly answer: (request: AdminRequest) => Promise<AdminAnswer>;
  readonly log: Log;
}

/** A unix socket's path has at most 107 bytes (macOS: 103). */
const MAX_SOCKET_PATH = 100;

/** The socket of a data folder; of a folder with a very long path, one beside the temporary files. */
export function controlSocketPath(dataFolder: string): string {
  const path = join(dataFolder, 'control.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  return join(tmpdir(), `cordon-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)}.sock`);
}

function findSocket(socketPath: string): Stats | undefined {
  try {
    return lstatSync(socketPath, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isForeign = code === 'EACCES' || code === 'EPERM';
    const advice = isForeign
      ? 'type the command as the user that runs the server, or give --url and CORDON_TOKEN'
      : 'name another one: --data-folder, CORDON_DATA_FOLDER, or dataFolder in the settings';
    throw new CordonError('STORE_DOWN', `the folder ${dirname(socketPath)} cannot be looked into: ${advice}`, {
      cause: error,
    });
  }
}

/**
 * Whether a server of this user (or root) listens on this socket; anybody may make a file in the temporary folder.
 *
 * @throws CordonError STORE_DOWN when the folder of the socket cannot be looked into, with what to do
 */
export async function isControlAlive(socketPath: string): Promise<boolean> {
  const found = findSocket(socketPath);
  const self = process.getuid?.() ?? 0;
  if (found?.isSocket() !== true || (found.uid !== self && self !== 0)) return false;
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new CordonError('BAD_REQUEST', 'the request is too large');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new CordonError('BAD_REQUEST', 'the request body is not JSON', { cause: error });
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** An error as the CLI reads it. What is no CordonError is a bug: no detail leaves. */
function sendError(response: ServerResponse, error: unknown, log: Log): void {
  if (isCordonError(error) && error.expose) {
    send(response, error.status, { code: error.code, message: error.message });
    return;
  }
  log.error({ err: error }, 'admin request failed');
  send(response, 500, { code: 'INTERNAL', message: 'something failed inside Cordon; its log says more' });
}

async function serve(request: IncomingMessage, response: ServerResponse, deps: ControlDeps): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://control.invalid');
    const actor = request.headers['x-cordon-actor'];
    const answer = await deps.answer({
      method: request.method ?? 'GET',
      path: readAdminPath(url.pathname),
      query: Object.fromEntries(url.searchParams),
      body: await readBody(request),
      actor: typeof actor === 'string' && actor !== '' ? `cli:${actor.slice(0, 100)}` : 'cli',
      isLocal: true,
    });
    send(response, answer.status, answer.value);
  } catch (error) {
    sendError(response, error, deps.log);
  }
}

/** Removes what a server that died left behind. Anything but a socket of ours is left alone. */
function removeStaleSocket(socketPath: string): void {
  const found = lstatSync(socketPath, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new CordonError('CONFIG_INVALID', `${socketPath} is in the way: it is not a socket`);
  unlinkSync(socketPath);
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The socket is made within this call: nobody else can open it, not even for a moment.
    const previous = process.umask(0o177);
    try {
      server.listen(socketPath, resolve);
    } finally {
      process.umask(previous);
    }
  });
}

/**
 * Listens on the control socket. The caller holds the data folder's lock: a socket file that is there already is a dead server's.
 *
 * @throws CordonError CONFIG_INVALID when the socket cannot be made
 */
export async function openControlServer(socketPath: string, deps: ControlDeps): Promise<ControlServer> {
  const server = createServer((request, response) => void serve(request, response, deps));
  try {
    removeStaleSocket(socketPath);
    await listen(server, socketPath);
    chmodSync(socketPath, 0o600);
  } catch (error) {
    if (isCordonError(error)) throw error;
    throw new CordonError('CONFIG_INVALID', `cannot listen on the control socket ${socketPath}`, { cause: error });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
