import { mkdtempSync } from 'node:fs';
import { type IncomingHttpHeaders, request as sendRequest } from 'node:http';
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
