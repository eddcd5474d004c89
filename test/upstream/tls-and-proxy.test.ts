import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProjectName } from '../../src/pypi/model.ts';
import { createUpstream, type Upstream } from '../../src/upstream/upstream.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';

const SIX = 'six' as ProjectName;
const PAGE = JSON.stringify({ meta: { 'api-version': '1.0' }, name: 'six', files: [] });
let upstream: Upstream | undefined;
let fake: FakePypi | undefined;
const servers: Server[] = [];
const folders: string[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  await upstream?.close();
  await fake?.close();
  [upstream, fake] = [undefined, undefined];
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl())('an https index with an authority of its own (needs the openssl command)', () => {
  /** An authority and a leaf for 127.0.0.1. */
  async function makeCertificates(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-tls-'));
    folders.push(folder);
    const run = (...args: string[]): void => {
      execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    };
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority', '-days', '2');
    run('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=127.0.0.1');
    await writeFile(join(folder, 'leaf.cnf'), 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
    const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'leaf.cnf', '-days', '2'];
    run('x509', '-req', '-in', 'leaf.csr', '-out', 'leaf.pem', ...sign);
    return folder;
  }

  test('is trusted with its caFile and a failure without', async () => {
    const folder = await makeCertificates();
    const tls = { key: readFileSync(join(folder, 'leaf.key')), cert: readFileSync(join(folder, 'leaf.pem')) };
    const port = await listen(
      createHttpsServer(tls, (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/vnd.pypi.simple.v1+json' }).end(PAGE);
      }),
    );
    fake = await startFakePypi();
    const config = makeUpstreamConfig(fake, { url: `https://127.0.0.1:${String(port)}/simple/`, fileOrigins: [] });

    upstream = createUpstream({ ...config, caFile: join(folder, 'ca.pem') });
    const trusted = await upstream.fetchPage(SIX, {});
    const plain = createUpstream(config);

    expect(trusted.kind).toBe('page');
    await expect(plain.fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    await plain.close();
  });
});

test('a caFile that cannot be read stops the start', async () => {
  fake = await startFakePypi();
  const config = makeUpstreamConfig(fake, { caFile: '/nowhere/ca.pem' });

  expect(() => createUpstream(config)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

describe('a proxy', () => {
  /** A proxy that tunnels everything to the fake, and says what it was asked. */
  async function startProxy(target: string): Promise<{ url: string; seen: string[] }> {
    const seen: string[] = [];
    const proxy = createHttpServer((_request, response) => response.writeHead(405).end());
    proxy.on('connect', (request, client) => {
      seen.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
      const { hostname, port } = new URL(target);
      const tunnel = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.pipe(client).pipe(tunnel);
      });
      for (const socket of [tunnel, client]) socket.on('error', () => undefined);
    });
    return { url: `http://127.0.0.1:${String(await listen(proxy))}`, seen };
  }

  test('resolves names itself and gets its own credentials alone', async () => {
    fake = await startFakePypi();
    fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.from('six') });
    const proxy = await startProxy(fake.origin);
    upstream = createUpstream(
      makeUpstreamConfig(fake, {
        url: 'http://index.example.invalid/simple/',
        proxyUrl: proxy.url.replace('http://', 'http://user:secret@'),
        credentials: { token: 'for the index' },
        allowPrivateAddresses: false,
      }),
    );

    const answer = await upstream.fetchPage(SIX, {});

    expect(answer.kind).toBe('page');
    expect(proxy.seen).toEqual([`index.example.invalid:80 Basic ${Buffer.from('user:secret').toString('base64')}`]);
    expect(fake.requests[0]?.headers.authorization).toBe('Bearer for the index');
    expect(fake.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('that is down is the upstream’s failure, without its password in the text', async () => {
    fake = await startFakePypi();
    upstream = createUpstream(makeUpstreamConfig(fake, { proxyUrl: 'http://user:secret@127.0.0.1:1' }));

    const failure: unknown = await upstream.fetchPage(SIX, {}).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'UPSTREAM_DOWN' });
    expect((failure as Error).stack).not.toContain('secret');
  });

  test('is no way to a literal private address', async () => {
    fake = await startFakePypi();
    const proxy = await startProxy(fake.origin);
    upstream = createUpstream(makeUpstreamConfig(fake, { proxyUrl: proxy.url, allowPrivateAddresses: false }));

    await expect(upstream.fetchPage(SIX, {})).rejects.toThrow(/not a public address/);
    expect(proxy.seen).toEqual([]);
  });
});
