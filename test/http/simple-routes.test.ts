import { gunzipSync } from 'node:zlib';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import { HTML_TYPE, JSON_TYPE } from '../../src/pypi/negotiation.ts';
import { MALWARE } from '../fakes/fake-judge.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';

const PIP_ACCEPT = `${JSON_TYPE}, ${HTML_TYPE}; q=0.1, text/html; q=0.01`;

describe('a project page', () => {
  test('is JSON for pip and HTML for who likes anything', async () => {
    const world = makeHttpWorld();
    const files = await world.announce({ 'six-1.0.tar.gz': {} }, { lastSerial: 12 });

    const json = await request(world.app).get('/simple/six/').set('Accept', PIP_ACCEPT).buffer(true);
    const html = await request(world.app).get('/simple/six/').set('Accept', '*/*');

    expect(json.status).toBe(200);
    expect(json.headers['content-type']).toBe(JSON_TYPE);
    expect(json.headers['vary']).toBe('Accept, Accept-Encoding');
    expect(json.headers['cache-control']).toBe('max-age=0, must-revalidate');
    expect(json.headers['x-pypi-last-serial']).toBe('12');
    expect(html.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(html.text).toContain(`href="../../${files['six-1.0.tar.gz']!.path}#sha256=`);
  });

  test('?format= goes before Accept', async () => {
    const world = makeHttpWorld();
    await world.announce({ 'six-1.0.tar.gz': {} });

    const answer = await request(world.app).get('/simple/six/').query({ format: HTML_TYPE }).set('Accept', PIP_ACCEPT);

    expect(answer.headers['content-type']).toBe(`${HTML_TYPE}; charset=utf-8`);
  });

  test('is compressed for who takes it, each coding under its own ETag', async () => {
    const world = makeHttpWorld();
    await world.announce({ 'six-1.0.tar.gz': {} });

    const plain = await askRaw(world.app, '/simple/six/');
    const packed = await askRaw(world.app, '/simple/six/', { headers: { 'Accept-Encoding': 'gzip, deflate' } });

    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    expect(packed.headers.etag).toMatch(/^"[\w-]{27}"$/);
    expect(packed.headers.etag).not.toBe(plain.headers.etag);
    expect(Number(packed.headers['content-length'])).toBe(packed.body.byteLength);
  });

  test('is 304 to its own ETag, with type and Vary, until only a verdict changes', async () => {
    const world = makeHttpWorld();
    await world.announce({ 'six-1.0.tar.gz': {}, 'six-2.0.tar.gz': {} });
    const first = await askRaw(world.app, '/simple/six/');
    const headers = { 'If-None-Match': `"other", W/${first.headers.etag ?? ''}` };

    const same = await askRaw(world.app, '/simple/six/', { headers });
    world.judge.set('six-2.0.tar.gz', MALWARE);
    const changed = await askRaw(world.app, '/simple/six/', { headers });

    expect(same.status).toBe(304);
    expect(same.body).toHaveLength(0);
    expect(same.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(same.headers.vary).toBe('Accept, Accept-Encoding');
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(first.headers.etag);
    expect(changed.body.toString()).toContain('data-yanked="Blocked by Cordon: six 2.0');
  });

  test('is rendered once for many', async () => {
    const world = makeHttpWorld();
    await world.announce({ 'six-1.0.tar.gz': {} });

    const answers = await Promise.all(Array.from({ length: 10 }, () => request(world.app).get('/simple/six/')));

    expect(new Set(answers.map(({ headers }) => headers['etag'] as string)).size).toBe(1);
    expect(world.judge.projectCalls()).toBe(1);
  });

  test('answers HEAD with the length and no body', async () => {
    const world = makeHttpWorld();
    await world.announce({ 'six-1.0.tar.gz': {} });
    const full = await askRaw(world.app, '/simple/six/');

    const head = await askRaw(world.app, '/simple/six/', { method: 'HEAD' });

    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    expect(head.headers['content-length']).toBe(String(full.body.byteLength));
  });

  test.each([
    ['/simple/six', '/simple/six/'],
    ['/simple/Six/', '/simple/six/'],
    ['/simple/zope.interface', '/simple/zope-interface/'],
    ['/simple//six/', '/simple/six/'],
    ['//simple///six//?a=1', '/simple/six/?a=1'],
    ['/simple', '/simple/'],
  ])('%s is moved to %s, nothing upstream is asked', async (path, location) => {
    const world = makeHttpWorld();

    const answer = await askRaw(world.app, path);

    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe(location);
    expect(world.index.asked).toEqual([]);
  });

  test.each([
    ['/simple/-six/'],
    ['/simple/a%2fb/'],
    ['/simple/..%2f..%2fetc/'],
    ['/simple/%00/'],
    ['/simple/a%20b/'],
    [`/simple/${'a'.repeat(10_000)}/`],
    ['/simple/six/more'],
    ['/simple\\six/'],
    ['/\\evil.invalid//x'],
  ])('%.40s is 404 before anything upstream is asked', async (path) => {
    const world = makeHttpWorld();

    const answer = await askRaw(world.app, path);

    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers.location).toBeUndefined();
    expect(world.index.asked).toEqual([]);
  });

  test('a broken escape is a bad request without a stack trace', async () => {
    const answer = await askRaw(makeHttpWorld().app, '/simple/%zz/');

    expect(answer.status).toBe(400);
    expect(answer.body.toString()).not.toContain('at ');
  });

  test('an unknown project is 404: uv asks its next index', async () => {
    const answer = await request(makeHttpWorld().app).get('/simple/nothing/');

    expect(answer.status).toBe(404);
  });

  test('a failing index is 502 with a time to come back, never 404', async () => {
    const world = makeHttpWorld();
    world.index.failure = new CordonError('UPSTREAM_DOWN', 'pypi does not answer');

    const answer = await askRaw(world.app, '/simple/six/');

    expect(answer.status).toBe(502);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      code: 'UPSTREAM_DOWN',
      detail: expect.stringMatching(/^pypi does not answer \(request [0-9a-f]{16}\)$/) as string,
    });
  });
});

describe('the project list', () => {
  test('is streamed in both formats and codings, from one question upstream', async () => {
    const world = makeHttpWorld();
    world.source.list = { contentType: 'application/json', text: '{"projects":[{"name":"Six"},{"name":"a.b"}]}' };

    const html = await askRaw(world.app, '/simple/');
    const json = await askRaw(world.app, '/simple/', { headers: { Accept: PIP_ACCEPT, 'Accept-Encoding': 'gzip' } });
    const again = await askRaw(world.app, '/simple/', { headers: { 'If-None-Match': html.headers.etag ?? '' } });

    expect(html.body.toString()).toContain('<a href="a-b/">a.b</a>');
    expect(JSON.parse(gunzipSync(json.body).toString())).toEqual({
      meta: { 'api-version': '1.4' },
      projects: [{ name: 'Six' }, { name: 'a.b' }],
    });
    expect(again.status).toBe(304);
    expect(world.source.asked).toEqual(['list']);
  });

  test('that the index cuts off is a failure, and is asked for again', async () => {
    const world = makeHttpWorld();
    world.source.list = { contentType: 'application/json', text: '{"projects":[{"name":"six"}' };
    const broken = await askRaw(world.app, '/simple/');

    world.source.list = { contentType: 'application/json', text: '{"projects":[{"name":"six"}]}' };
    const whole = await askRaw(world.app, '/simple/');

    expect(broken.status).toBe(500);
    expect(whole.status).toBe(200);
  });
});
