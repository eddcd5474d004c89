import { expect, test } from 'vitest';
import { makeFilePath } from '../../src/pypi/file-path.ts';
import { parsePageHtml } from '../../src/pypi/page-html.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';
import { PYPI, SIX } from '../support/stored-facts.ts';

test('19: a local version is found with its plus sign plain and encoded, and shown encoded', async () => {
  const world = makeHttpWorld();
  const files = await world.announce({ 'six-1.0+cu118-py3-none-any.whl': { bytes: 'x' } });
  const path = `/${files['six-1.0+cu118-py3-none-any.whl']!.path}`;

  expect((await askRaw(world.app, path)).status).toBe(200);
  expect((await askRaw(world.app, path.replace('+', '%2B'))).status).toBe(200);
  expect((await askRaw(world.app, path.replace('+', '%2b'))).status).toBe(200);
  expect((await askRaw(world.app, '/simple/six/')).body.toString()).toContain('six-1.0%2Bcu118-py3-none-any.whl#');
});

test('19: links of an index like that of PyTorch become paths of ours, without a query', () => {
  const html = `<a href="/whl/cpu/six-1.0%2Bcpu-py3-none-any.whl#sha256=${'ab'.repeat(32)}">x</a><a href="../six-1.0.zip?token=1">y</a>`;
  const files = parsePageHtml(html, SIX, 'https://download.example/whl/six/')?.files ?? [];

  const paths = files.map((file) => makeFilePath({ id: PYPI }, file));

  expect(paths[0]).toMatch(
    /^packages\/~pypi\/download-example-[0-9a-f]{12}\/whl\/cpu\/six-1\.0\+cpu-py3-none-any\.whl$/,
  );
  expect(paths[1]).toMatch(/^packages\/~pypi\/download-example-[0-9a-f]{12}\/~[0-9a-f]{32}\/six-1\.0\.zip$/);
});

test.each([
  ['plain', {}, '/simple/six/', {}],
  ['a prefix that the proxy passes on', { pathPrefix: '/cordon' }, '/cordon/simple/six/', {}],
  ['a prefix that the proxy strips', { publicUrl: 'https://c.example:8443/cordon' }, '/simple/six/', {}],
  ['TLS and a port in front', { trustedProxies: ['127.0.0.1'] }, '/simple/six/', { 'X-Forwarded-Proto': 'https' }],
])('19: file links lead back to us behind %s', async (_name, settings, page, headers) => {
  const world = makeHttpWorld(settings);
  await world.announce({ 'six-1.0.tar.gz': { bytes: 'x' } });

  const answer = await askRaw(world.app, page, { headers });
  const [, href = ''] = /href="([^"#]+)/.exec(answer.body.toString()) ?? [];
  const { pathname, host } = new URL(href, `http://cordon${page}`);

  expect(host).toBe('cordon');
  expect((await askRaw(world.app, pathname)).status).toBe(200);
});
