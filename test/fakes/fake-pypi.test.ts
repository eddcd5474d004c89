import { afterEach, expect, test } from 'vitest';
import { type FakePypi, startFakePypi } from './fake-pypi.ts';

let fake: FakePypi;

afterEach(async () => {
  await fake.close();
});

test('the fake index serves a JSON page, a HTML page and the file that both link to', async () => {
  fake = await startFakePypi({ separateFileOrigin: true });
  const url = fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.from('six') });

  const json = await fetch(`${fake.url}six/`, { headers: { Accept: 'application/vnd.pypi.simple.v1+json' } });
  const html = await fetch(`${fake.url}six/`, { headers: { Accept: '*/*' } });
  const file = await fetch(url);

  expect(((await json.json()) as { files: { url: string }[] }).files[0]?.url).toBe(url);
  expect(await html.text()).toContain(`href="${url}#sha256=`);
  expect(await file.text()).toBe('six');
  expect(fake.count('/simple/six/')).toBe(2);
  expect(url.startsWith(fake.fileOrigin)).toBe(true);
});

test('a page has an ETag, answers 304 and changes its serial with each edit', async () => {
  fake = await startFakePypi();
  fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.from('six') });
  const first = await fetch(`${fake.url}six/`);
  await first.text();

  const second = await fetch(`${fake.url}six/`, { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
  fake.changeProject('six', { status: 'quarantined' });
  const third = await fetch(`${fake.url}six/`, { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });

  expect(second.status).toBe(304);
  expect(third.status).toBe(200);
  expect(Number(third.headers.get('x-pypi-last-serial'))).toBeGreaterThan(
    Number(first.headers.get('x-pypi-last-serial')),
  );
  await third.text();
});

test('a truncated body without a length ends early and looks whole', async () => {
  fake = await startFakePypi();
  const url = fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.alloc(1000, 1) });
  fake.setFault('six-1.0.tar.gz', { kind: 'truncate', afterBytes: 500, withLength: false }, 1);

  const short = await (await fetch(url)).arrayBuffer();
  const whole = await (await fetch(url)).arrayBuffer();

  expect(short.byteLength).toBe(500);
  expect(whole.byteLength).toBe(1000);
});

test('a truncated body with a length breaks the transfer', async () => {
  fake = await startFakePypi();
  const url = fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.alloc(1000, 1) });
  fake.setFault('six-1.0.tar.gz', { kind: 'truncate', afterBytes: 500, withLength: true });

  await expect(fetch(url).then((answer) => answer.arrayBuffer())).rejects.toThrow();
});

test('a corrupted body keeps its length and differs in one byte', async () => {
  fake = await startFakePypi();
  const url = fake.addFile('six', { filename: 'six-1.0.tar.gz', bytes: Buffer.alloc(1000, 1) });
  fake.setFault(/six-1\.0/, { kind: 'corrupt', at: 10 });

  const body = Buffer.from(await (await fetch(url)).arrayBuffer());

  expect(body.length).toBe(1000);
  expect(body[10]).toBe(0);
});
