import { expect, test } from 'vitest';
import { HTML_TYPE, JSON_TYPE } from '../../src/pypi/negotiation.ts';
import { parsePageHtml } from '../../src/pypi/page-html.ts';
import { parsePageJson } from '../../src/pypi/page-json.ts';
import { MALWARE } from '../fakes/fake-judge.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';
import { SIX } from '../support/stored-facts.ts';

const PAGE = 'http://cordon/simple/six/';

test('9: both views list the same files, and change together when only a verdict changes', async () => {
  const world = makeHttpWorld();
  await world.announce({
    'six-1.0.tar.gz': { announced: { requiresPython: '>=3,<4', yanked: 'a <b> "c"' } },
    'six-1.0+l.a-py3-none-any.whl': { announced: { coreMetadata: { sha256: 'ab'.repeat(32) } } },
    'six-2.0.tar.gz': {},
  });
  const etags: string[] = [];
  const look = async () => {
    const json = await askRaw(world.app, '/simple/six/', { headers: { Accept: JSON_TYPE } });
    const html = await askRaw(world.app, '/simple/six/', { headers: { Accept: HTML_TYPE } });
    etags.push(json.headers.etag ?? '', html.headers.etag ?? '');
    for (const answer of [json, html]) expect(answer.headers.vary).toBe('Accept, Accept-Encoding');
    const fromJson = parsePageJson(JSON.parse(json.body.toString()), SIX, PAGE)?.files;
    expect(parsePageHtml(html.body.toString(), SIX, PAGE)?.files).toEqual(fromJson);
    return fromJson;
  };

  const before = await look();
  world.judge.set('six-2.0.tar.gz', MALWARE);
  const after = await look();

  expect(before?.map(({ yanked }) => yanked)).toEqual(['a <b> "c"', false, false]);
  expect(after?.at(-1)?.yanked).toMatch(/^Blocked by Cordon/);
  expect(new Set(etags).size).toBe(4);
});

test('9: a 304 says what it is a 304 of, in each view', async () => {
  const world = makeHttpWorld();
  await world.announce({ 'six-1.0.tar.gz': {} });

  for (const accept of [JSON_TYPE, HTML_TYPE]) {
    const first = await askRaw(world.app, '/simple/six/', { headers: { Accept: accept } });
    const other = accept === JSON_TYPE ? HTML_TYPE : JSON_TYPE;
    const ask = (type: string) =>
      askRaw(world.app, '/simple/six/', { headers: { Accept: type, 'If-None-Match': first.headers.etag ?? '' } });

    expect(await ask(accept)).toMatchObject({
      status: 304,
      headers: { 'content-type': first.headers['content-type'] },
    });
    expect((await ask(other)).status).toBe(200);
  }
});
