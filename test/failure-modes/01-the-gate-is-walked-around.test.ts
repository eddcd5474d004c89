import { expect, test } from 'vitest';
import { makeRefusedPath } from '../../src/pypi/file-path.ts';
import { MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';

// The built server is asked by many more routes in test/bypass; here, that nothing is even opened.
const WHEEL = 'six-1.0-py3-none-any.whl';
const BYTES = 'bytes that must not leave';
const ATTEMPTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['GET', {}],
  ['HEAD', {}],
  ['GET', { Range: 'bytes=0-' }],
  ['GET', { Range: 'bytes=-1' }],
  ['GET', { Range: 'bytes=3-9', 'If-Range': '"x"' }],
  ['GET', { 'If-None-Match': '*' }],
  ['GET', { 'Accept-Encoding': 'gzip' }],
];

test.each([
  ['refused', MALWARE],
  ['not scanned', UNSCANNED],
])('1: nothing of a file that is %s is opened or sent, by any route', async (_name, verdict) => {
  const world = makeHttpWorld();
  const files = await world.announce({ [WHEEL]: { bytes: BYTES, verdict, announced: { coreMetadata: true } } });
  const file = files[WHEEL]!;
  const own = `/${file.path}`;
  const paths = [
    own,
    `${own}?h=3`,
    own.replaceAll('/', '//'),
    own.replace('six-1.0', 'six%2D1%2E0'),
    `/${makeRefusedPath(file.key, 'malware', WHEEL)}`,
    `/packages/py3/s/six/${WHEEL}`,
  ];

  for (const path of paths) {
    for (const [method, headers] of ATTEMPTS) {
      const answer = await askRaw(world.app, path, { method, headers });
      expect([200, 206, 304]).not.toContain(answer.status);
      expect(answer.body.toString()).not.toContain('must not leave');
      expect(answer.headers.location ?? '').not.toMatch(/^(?:https?:)?\/\//);
    }
  }
  expect(world.blobs.opened).toEqual([]);
});
