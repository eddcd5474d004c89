import { expect, test } from 'vitest';
import { JSON_TYPE } from '../../src/pypi/negotiation.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';

const FULL = {
  requiresPython: '>=3.8',
  coreMetadata: { sha256: 'cd'.repeat(32) },
  yanked: 'superseded',
  sizeBytes: 12,
  uploadTime: '2026-01-02T03:04:05.678901Z',
  provenance: 'https://pypi.org/integrity/six/1.0/six-1.0.tar.gz/provenance',
  gpgSig: false,
  extra: { 'x-future': { a: [1] } },
};

test('10: every field of a 1.4 page goes through, unknown ones included', async () => {
  const world = makeHttpWorld();
  const files = await world.announce(
    { 'six-1.0.tar.gz': { announced: FULL } },
    {
      versions: ['1.0'],
      upstreamStatus: { status: 'deprecated', reason: 'use seven' },
      extra: { 'alternate-locations': [] },
      metaExtra: { _private: 1 },
      lastSerial: 5,
    },
  );

  const answer = await askRaw(world.app, '/simple/six/', { headers: { Accept: JSON_TYPE } });

  expect(JSON.parse(answer.body.toString())).toEqual({
    meta: { 'api-version': '1.4', '_last-serial': 5, _private: 1 },
    name: 'six',
    'project-status': { status: 'deprecated', reason: 'use seven' },
    'alternate-locations': [],
    versions: ['1.0'],
    files: [
      {
        filename: 'six-1.0.tar.gz',
        url: `../../${files['six-1.0.tar.gz']!.path}`,
        hashes: files['six-1.0.tar.gz']!.file.hashes,
        'requires-python': '>=3.8',
        'core-metadata': FULL.coreMetadata,
        'data-dist-info-metadata': FULL.coreMetadata,
        yanked: 'superseded',
        size: 12,
        'upload-time': FULL.uploadTime,
        provenance: FULL.provenance,
        'gpg-sig': false,
        'x-future': { a: [1] },
      },
    ],
  });
});

test.each([
  ['1.0', '1.0'],
  ['1.1', '1.1'],
  ['1.9', '1.4'],
])('10: an upstream that speaks %s is not labelled better than %s', async (theirs, ours) => {
  const world = makeHttpWorld();
  await world.announce({ 'six-1.0.tar.gz': {} }, { apiVersion: theirs });

  const json = await askRaw(world.app, '/simple/six/', { headers: { Accept: JSON_TYPE } });
  const html = await askRaw(world.app, '/simple/six/');

  expect(JSON.parse(json.body.toString())).toMatchObject({ meta: { 'api-version': ours } });
  expect(html.body.toString()).toContain(`content="${ours}"`);
});
