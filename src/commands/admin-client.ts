// Owns how a command reaches the administration: the running server's socket, a remote server's URL, or the store itself.
// Start at openAdmin. All three answer alike.
import { request as httpRequest } from 'node:http';
import { userInfo } from 'node:os';
import type { AdminAnswer, AdminRequest } from '../admin/admin-request.ts';
import { CordonError, type ErrorCode, isCordonError } from '../errors.ts';

export interface AdminQuestion {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** segments below the API's root; encoded on the way */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface AdminClient {
  /** what answers, for people: `the server at …`, `the data folder` */
  readonly name: string;
  /** Gives the JSON value. Throws the server's CordonError. */
  ask(question: AdminQuestion): Promise<unknown>;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

function readReply(reply: Reply): unknown {
  let value: unknown;
  try {
    value = JSON.parse(reply.text) as unknown;
  } catch (error) {
    throw new CordonError('BAD_REQUEST', `the server answered ${String(reply.status)} without JSON`, { cause: error });
  }
  if (reply.status < 400) return value;
  const { code, message, title, detail } = value as Partial<Record<'code' | 'message' | 'title' | 'detail', string>>;
  throw new CordonError((code ?? 'BAD_REQUEST') as ErrorCode, message ?? detail ?? title ?? 'the server said no');
}

function pathOf(question: AdminQuestion): string {
  const path = question.path.map(encodeURIComponent).join('/');
  const query = new URLSearchParams(question.query ?? {}).toString();
  return `/${path}${query === '' ? '' : `?${query}`}`;
}

/** Who types a command: the name of the system's user. A container's user often has none, only a number. */
export function nameActor(
  readUser: () => { readonly username: string } = userInfo,
  uid: number | undefined = process.getuid?.(),
): string {
  try {
    // it travels in a header
    return readUser().username.replace(/[^\x20-\x7e]/g, '?');
  } catch {
    return uid === undefined ? 'somebody' : `user ${String(uid)}`;
  }
}

/** The running server of this data folder. */
export function adminBySocket(socketPath: string): AdminClient {
  const send = (question: AdminQuestion): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          socketPath,
          method: question.method,
          path: pathOf(question),
          headers: { 'content-type': 'application/json', 'x-cordon-actor': nameActor() },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
          );
        },
      );
      request.on('error', (cause) => {
        reject(
          new CordonError('UPSTREAM_DOWN', 'the running server broke off its answer; its log says why', { cause }),
        );
      });
      request.end(question.body === undefined ? undefined : JSON.stringify(question.body));
    });
  return {
    name: 'the running server',
    ask: async (question) => readReply(await send(question)),
    close: async () => {},
  };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new CordonError('UPSTREAM_DOWN', `${new URL(url).origin} cannot be reached`, { cause });
  }
}

/** A server elsewhere, by its URL and one of its admin tokens. */
export function adminByUrl(url: string, token: string | undefined): AdminClient {
  if (token === undefined || token === '') {
    throw new CordonError('UNAUTHORIZED', 'a server given by its URL needs a token: set CORDON_TOKEN');
  }
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CordonError('BAD_REQUEST', `"${url}" is not the URL of a server, like https://pypi.example.com`);
  }
  const root = `${url.replace(/\/+$/, '')}/-/api`;
  return {
    name: `the server at ${root}`,
    ask: async (question) => {
      const response = await reach(`${root}${pathOf(question)}`, {
        method: question.method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
        redirect: 'error',
      });
      const reply = { status: response.status, text: await response.text() };
      // with the API there, what is missing below it is named by a code of ours
      if (reply.status === 404 && !reply.text.includes('"code"')) {
        throw new CordonError('BAD_REQUEST', `there is no admin API at ${root}: that server has no admin.tokens`);
      }
      return readReply(reply);
    },
    close: async () => {},
  };
}

/** Cordon itself, opened by this command because no server runs. */
export function adminInProcess(rooms: {
  readonly answer: (request: AdminRequest) => Promise<AdminAnswer>;
  readonly close: () => Promise<void>;
}): AdminClient {
  return {
    name: 'the data folder; no server runs on it',
    ask: async (question) => {
      const answer = await rooms.answer({
        method: question.method,
        path: question.path,
        query: question.query ?? {},
        // The same value as over the wire: no undefined, no Date.
        body: question.body === undefined ? undefined : (JSON.parse(JSON.stringify(question.body)) as unknown),
        actor: `cli:${nameActor()}`,
        isLocal: true,
      });
      return JSON.parse(JSON.stringify(answer.value)) as unknown;
    },
    close: rooms.close,
  };
}

/** The two ways to a data folder of this machine. */
export interface LocalDoors {
  /** undefined: none runs, or it does not answer yet */
  readonly findServer: () => Promise<AdminClient | undefined>;
  /** Throws CONFLICT while another process holds the folder. */
  readonly openFolder: () => Promise<AdminClient>;
  readonly pause: () => Promise<void>;
}

const ATTEMPTS = 10;

/**
 * The running server of a data folder, else the folder itself. Who holds the folder and does not answer is a server in the middle
 * of its start or stop, or another command: it is waited for.
 *
 * @throws CordonError CONFLICT when it is still held after some seconds, and what openFolder throws
 */
export async function openLocal({ findServer, openFolder, pause }: LocalDoors): Promise<AdminClient> {
  for (let attempt = 1; ; attempt++) {
    const server = await findServer();
    if (server !== undefined) return server;
    try {
      return await openFolder();
    } catch (error) {
      if (attempt === ATTEMPTS || !isCordonError(error, 'CONFLICT')) throw error;
    }
    await pause();
  }
}
