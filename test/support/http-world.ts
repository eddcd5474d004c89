import { mkdtempSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Express } from 'express';
import { createApp } from '../../src/http/app.ts';
import type { HttpDeps, HttpSettings } from '../../src/http/deps.ts';
import type { AccessRecord } from '../../src/ports/decision-store.ts';
import { type GateWorld, makeGateWorld, SETTINGS } from './gate-world.ts';
import { PYPI } from './stored-facts.ts';

export interface HttpWorld extends GateWorld {
  readonly app: Express;
  readonly accesses: readonly AccessRecord[];
}

/** The whole HTTP surface over fakes. */
export function makeHttpWorld(
  settings: Partial<HttpSettings> = {},
  further: Partial<Omit<HttpDeps, 'settings'>> = {},
): HttpWorld {
  const world = makeGateWorld(settings);
  const accesses: AccessRecord[] = [];
  const app = createApp({
    ...world.deps,
    ...further,
    settings: {
      ...SETTINGS,
      pathPrefix: '',
      trustedProxies: [],
      allowedHosts: [],
      cacheBytes: 16 * 1024 * 1024,
      maxHolds: 100,
      maxHoldsPerClient: 50,
      pageWaitBudgetMs: 5_000,
      listFolder: mkdtempSync(join(tmpdir(), 'cordon-list-')),
      listFreshMs: 3_600_000,
      listUpstreams: [PYPI],
      maxRequests: 100,
      maxRequestsPerClient: 50,
      ...settings,
    },
    onAccess: (record) => accesses.push(record),
  });
  return { ...world, app, accesses };
}

export interface RawAnswer {
  readonly status: number;
  /** the reason phrase */
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reading {
  /** Goes away in the middle. */
  leave(): void;
  /** Takes the rest; says how it ended. */
  readonly finish: () => Promise<'whole' | 'cut'>;
  close(): void;
}

/** A client that has begun to read an answer and takes no more of it for the moment. */
export async function startReading(app: Express, path: string): Promise<Reading> {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sendRequest({ host: '127.0.0.1', port, path, agent: false }, resolve).on('error', reject).end();
  });
  return {
    leave: () => void answer.destroy(),
    finish: () =>
      new Promise((resolve) => {
        answer.once('end', () => resolve('whole')).once('error', () => resolve('cut'));
        answer.resume();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Sends one request as it is written: no path is tidied, no redirect followed, nothing decoded. */
export async function askRaw(
  app: Express,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<RawAnswer> {
  const server = app.listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    return await new Promise<RawAnswer>((resolve, reject) => {
      const { method = 'GET', headers = {}, body } = options;
      const sent = sendRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
        buffer(answer).then((bytes) => {
          resolve({
            status: answer.statusCode ?? 0,
            reason: answer.statusMessage ?? '',
            headers: answer.headers,
            body: bytes,
          });
        }, reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
