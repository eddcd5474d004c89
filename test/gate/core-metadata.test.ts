import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { serveMetadata } from '../../src/gate/core-metadata.ts';
import { makeRefusedPath } from '../../src/pypi/file-path.ts';
import { MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { CLIENT, type GateWorld, makeGateWorld } from '../support/gate-world.ts';
import { makeReport } from '../support/stored-facts.ts';

const WHEEL = 'six-1.0-py3-none-any.whl';
const METADATA = Buffer.from('Metadata-Version: 2.1\nName: six\nVersion: 1.0\n');
const DIGEST = createHash('sha256').update(METADATA).digest('hex');

function ask(world: GateWorld, path: string) {
  return serveMetadata({ path, hop: 0, client: CLIENT, signal: new AbortController().signal }, world.deps);
}

test('is served at once for a file not yet scanned, whose scan begins', async () => {
  const world = makeGateWorld();
  const announced = { coreMetadata: { sha256: DIGEST } };
  const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED, announced } });
  world.source.metadata.set(files[WHEEL]!.file.url, METADATA);

  const answer = await ask(world, files[WHEEL]!.path);

  expect(answer).toMatchObject({ kind: 'metadata', bytes: METADATA, sha256: DIGEST });
  expect(world.intake.speculated).toEqual([{ filename: WHEEL, client: CLIENT.address }]);
  expect(world.intake.joins).toEqual([]);
});

test('is asked of the upstream once', async () => {
  const world = makeGateWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'x', announced: { coreMetadata: true } } });
  world.source.metadata.set(files[WHEEL]!.file.url, METADATA);

  await Promise.all([ask(world, files[WHEEL]!.path), ask(world, files[WHEEL]!.path)]);
  await ask(world, files[WHEEL]!.path);

  expect(world.source.asked).toHaveLength(1);
});

test('is asked again when the index announces another document, and the old one is not served as the new', async () => {
  const world = makeGateWorld();
  const first = await world.announce({
    [WHEEL]: { verdict: UNSCANNED, announced: { coreMetadata: { sha256: DIGEST } } },
  });
  world.source.metadata.set(first[WHEEL]!.file.url, METADATA);
  await ask(world, first[WHEEL]!.path);
  const changed = Buffer.from(`${METADATA.toString()}Requires-Dist: seven\n`);
  const digest = createHash('sha256').update(changed).digest('hex');

  const files = await world.announce({
    [WHEEL]: { verdict: UNSCANNED, announced: { coreMetadata: { sha256: digest } } },
  });
  await expect(ask(world, files[WHEEL]!.path)).rejects.toMatchObject({ code: 'UPSTREAM_MISMATCH' });
  world.source.metadata.set(files[WHEEL]!.file.url, changed);

  expect(await ask(world, files[WHEEL]!.path)).toMatchObject({ kind: 'metadata', sha256: digest });
});

test('is refused with its file, under both paths, and nothing is asked or started', async () => {
  const world = makeGateWorld();
  const files = await world.announce({ [WHEEL]: { verdict: MALWARE, announced: { coreMetadata: true } } });
  const file = files[WHEEL]!;

  expect(await ask(world, file.path)).toMatchObject({ kind: 'refused', verdict: MALWARE });
  expect(await ask(world, makeRefusedPath(file.key, 'malware', WHEEL))).toMatchObject({ kind: 'refused' });
  expect(world.source.asked).toEqual([]);
  expect(world.intake.speculated).toEqual([]);
});

test('that does not match its announced digest is a failure with an event, never an answer', async () => {
  const world = makeGateWorld();
  const announced = { coreMetadata: { sha256: 'ab'.repeat(32) } };
  const files = await world.announce({ [WHEEL]: { bytes: 'x', announced } });
  world.source.metadata.set(files[WHEEL]!.file.url, METADATA);

  await expect(ask(world, files[WHEEL]!.path)).rejects.toMatchObject({ code: 'UPSTREAM_MISMATCH', status: 502 });
  expect(await world.deps.store.events.list({ limit: 5 })).toMatchObject([
    { kind: 'metadata-digest-mismatch', after: { received: DIGEST } },
  ]);
});

test('of a scanned wheel is its own copy, also where the index has none and the blob is gone', async () => {
  const world = makeGateWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'x' } });
  const file = files[WHEEL]!;
  await world.deps.store.reports.saveReport(makeReport(file, { coreMetadataSha256: DIGEST }), 0, METADATA, []);
  await world.blobs.remove(file.sha256!);

  expect(await ask(world, file.path)).toMatchObject({ kind: 'metadata', sha256: DIGEST });
  expect(world.source.asked).toEqual([]);
});

test('that disagrees with the scanned wheel makes the file refused', async () => {
  const world = makeGateWorld();
  const announced = { coreMetadata: { sha256: 'ab'.repeat(32) } };
  const files = await world.announce({ [WHEEL]: { bytes: 'x', announced } });
  const file = files[WHEEL]!;
  await world.deps.store.reports.saveReport(makeReport(file, { coreMetadataSha256: DIGEST }), 0, METADATA, []);
  world.judge.onMismatch = (mismatch) => ({ kind: 'refuse', reason: 'metadata-mismatch', detail: mismatch.detail });

  expect(await ask(world, file.path)).toMatchObject({ kind: 'refused', verdict: { reason: 'metadata-mismatch' } });
  expect((await world.deps.store.files.findByKey(file.key))?.mismatch).toMatchObject({ kind: 'metadata' });
});

test.each([
  ['a file without core metadata', false],
  ['a file whose index announces some and has none', true],
])('of %s is absent', async (_name, coreMetadata) => {
  const world = makeGateWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'x', announced: { coreMetadata } } });

  expect(await ask(world, files[WHEEL]!.path)).toMatchObject({ kind: 'absent' });
});

test('of core metadata is absent', async () => {
  const world = makeGateWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'x', announced: { coreMetadata: true } } });

  expect(await ask(world, `${files[WHEEL]!.path}.metadata`)).toMatchObject({ kind: 'absent' });
});
