import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProjectName } from '../../src/pypi/model.ts';
import { checkUrl, isPublicAddress } from '../../src/upstream/address-guard.ts';
import type { UpstreamConfig } from '../../src/upstream/config.ts';
import { createUpstream, type Upstream, type UpstreamSeams } from '../../src/upstream/upstream.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { makeUpstreamConfig } from '../support/upstream-config.ts';

const SIX = 'six' as ProjectName;
const never = new AbortController().signal;

describe('isPublicAddress', () => {
  test.each(['151.101.0.223', '8.8.8.8', '2a04:4e42::223', '64:ff9b::9765:df', '::ffff:151.101.0.223'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback far away', '127.255.255.254'],
    ['this host', '0.0.0.0'],
    ['private 10', '10.1.2.3'],
    ['private 172', '172.31.255.255'],
    ['private 192', '192.168.0.1'],
    ['link-local, with the metadata of most clouds', '169.254.169.254'],
    ['carrier-grade NAT, with the metadata of one', '100.100.100.200'],
    ['metadata on a public address', '168.63.129.16'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 unique local', 'fd00:ec2::254'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv4 inside IPv6', '::ffff:10.0.0.1'],
    ['IPv4 behind NAT64', '64:ff9b::a00:1'],
    ['IPv4 behind 6to4', '2002:a00:1::'],
    ['IPv4 behind Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['a name', 'localhost'],
    ['nothing', ''],
  ])('%s is not public', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('checkUrl', () => {
  const origins = new Set(['https://files.example', 'https://127.0.0.1', 'https://[::1]', 'https://2130706433']);

  test.each([
    ['another origin', 'https://evil.example/x.whl'],
    ['another port', 'https://files.example:8443/x.whl'],
    ['plain http', 'http://files.example/x.whl'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/plain,x'],
    ['credentials', 'https://user:secret@files.example/x.whl'],
    ['a literal private address', 'https://127.0.0.1/x.whl'],
    ['a literal private IPv6 address', 'https://[::1]/x.whl'],
    ['a private address as one number', 'https://2130706433/x.whl'],
    ['nonsense', 'six.whl'],
  ])('refuses %s', (_what, url) => {
    expect(() => checkUrl(url, origins, false)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  test('lets an allowed origin pass, and does not repeat credentials', () => {
    expect(checkUrl('https://files.example/x.whl?a=1', origins, false).pathname).toBe('/x.whl');
    expect(() => checkUrl('https://user:secret@files.example/x.whl', origins, false)).toThrow(/^[^@]*$/);
  });
});

describe('on the wire', () => {
  let fake: FakePypi;
  let inner: FakePypi;
  let opened: Upstream[] = [];
  const open = (change: Partial<UpstreamConfig> = {}, seams: UpstreamSeams = {}): Upstream => {
    const upstream = createUpstream(makeUpstreamConfig(fake, change), seams);
    opened.push(upstream);
    return upstream;
  };

  beforeEach(async () => {
    fake = await startFakePypi();
    inner = await startFakePypi();
    fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.from('six') });
    inner.addFile('secret', { filename: 'secret-1.0.tar.gz', bytes: Buffer.from('secret') });
  });

  afterEach(async () => {
    await Promise.all(opened.map((upstream) => upstream.close()));
    opened = [];
    await fake.close();
    await inner.close();
  });

  test('a private address is refused after DNS, and nothing is sent to it', async () => {
    const port = new URL(fake.url).port;
    const upstream = open(
      { url: `http://index.example:${port}/simple/`, fileOrigins: [], allowPrivateAddresses: false },
      { resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) },
    );

    await expect(upstream.fetchPage(SIX, {})).rejects.toThrow(/is not a public address/);
    expect(fake.requests).toEqual([]);
  });

  test('a loopback index is refused unless its upstream allows private addresses', async () => {
    await expect(open({ allowPrivateAddresses: false }).fetchPage(SIX, {})).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
    });
    expect(fake.requests).toEqual([]);
    expect((await open().fetchPage(SIX, {})).kind).toBe('page');
  });

  test('a link of a page to another origin is refused before a byte is sent', async () => {
    const upstream = open();

    await expect(upstream.fetchFile(inner.urlOf('secret', 'secret-1.0.tar.gz'), never)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(upstream.fetchMetadata(inner.urlOf('secret', 'secret-1.0.tar.gz'))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(inner.requests).toEqual([]);
  });

  test('a redirect to another origin is refused, one within the allowed ones is followed', async () => {
    const upstream = open();
    const url = fake.urlOf('six', 'six-1.0.tar.gz');
    fake.setFault('six-1.0.tar.gz', { kind: 'redirect', location: inner.urlOf('secret', 'secret-1.0.tar.gz') }, 1);

    await expect(upstream.fetchFile(url, never)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    fake.setFault('six-1.0.tar.gz', { kind: 'redirect', location: new URL(url).pathname }, 1);
    const answer = await upstream.fetchFile(url, never);

    expect((await buffer(answer.body)).toString()).toBe('six');
    expect(inner.requests).toEqual([]);
  });

  test('credentials do not follow a redirect to a file origin', async () => {
    await fake.close();
    fake = await startFakePypi({ separateFileOrigin: true });
    fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.from('six') });
    const url = fake.urlOf('six', 'six-1.0.tar.gz');
    const viaIndex = `${fake.origin}${new URL(url).pathname}`;
    fake.setFault(/^\/packages/, { kind: 'redirect', location: url }, 1);

    const answer = await open({ credentials: { token: 'secret' } }).fetchFile(viaIndex, never);
    await buffer(answer.body);

    expect(fake.requests.map((each) => [each.server, each.headers.authorization])).toEqual([
      ['index', 'Bearer secret'],
      ['files', undefined],
    ]);
  });

  test('redirects in circles end', async () => {
    fake.setFault('/simple/six/', { kind: 'redirect', location: '/simple/six/' });

    await expect(open().fetchPage(SIX, {})).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
    expect(fake.count('/simple/six/')).toBe(6);
  });

  test('an https index with an http file origin does not start', () => {
    expect(() => open({ url: 'https://index.example/simple/', fileOrigins: ['http://files.example'] })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
