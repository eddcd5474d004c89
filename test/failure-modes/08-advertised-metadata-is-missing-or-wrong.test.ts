import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { JSON_TYPE } from '../../src/pypi/negotiation.ts';
import { UNSCANNED } from '../fakes/fake-judge.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';
import { makeReport } from '../support/stored-facts.ts';

interface ShownFile {
  readonly url: string;
  readonly filename: string;
  readonly 'core-metadata'?: { readonly sha256: string };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('8: each advertised core metadata is there, has its digest, and costs the upstream one request at most', async () => {
  const world = makeHttpWorld();
  const theirs = Buffer.from('Name: six\nVersion: 1.0\n');
  const ours = Buffer.from('Name: six\nVersion: 2.0\n');
  const files = await world.announce({
    'six-1.0-py3-none-any.whl': { verdict: UNSCANNED, announced: { coreMetadata: { sha256: sha256(theirs) } } },
    'six-2.0-py3-none-any.whl': { bytes: 'scanned' },
    'six-3.0-py3-none-any.whl': { verdict: UNSCANNED },
    'six-3.0.tar.gz': {},
  });
  world.source.metadata.set(files['six-1.0-py3-none-any.whl']!.file.url, theirs);
  await world.deps.store.reports.saveReport(makeReport(files['six-2.0-py3-none-any.whl']!), 0, ours, []);

  const page = await askRaw(world.app, '/simple/six/', { headers: { Accept: JSON_TYPE } });
  const shown = (JSON.parse(page.body.toString()) as { readonly files: readonly ShownFile[] }).files;
  const advertised = shown.filter((file) => file['core-metadata'] !== undefined);

  expect(advertised.map(({ filename }) => filename)).toEqual(['six-1.0-py3-none-any.whl', 'six-2.0-py3-none-any.whl']);
  for (const file of [...advertised, ...advertised]) {
    const path = new URL(file.url, 'http://cordon/simple/six/').pathname;
    const answer = await askRaw(world.app, `${path}.metadata`);
    expect(sha256(answer.body)).toBe(file['core-metadata']?.sha256);
  }
  expect(world.source.asked).toHaveLength(1);
});
