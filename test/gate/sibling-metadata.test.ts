import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { serveMetadata } from '../../src/gate/core-metadata.ts';
import { createMetadataOrigins } from '../../src/gate/metadata-origins.ts';
import { serveProjectPage } from '../../src/gate/project-page.ts';
import { JOB_TIMES } from '../fakes/fake-intake.ts';
import { CLEAN, MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { CLIENT, type GateWorld, makeGateWorld } from '../support/gate-world.ts';
import { makeReport, PYPI, SIX } from '../support/stored-facts.ts';

const OLD = 'six-1.0-py3-none-any.whl';
const NEW = 'six-2.0-py3-none-any.whl';
const metadataOf = (version: string) => Buffer.from(`Metadata-Version: 2.1\nName: six\nVersion: ${version}\n`);
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** An index that says nothing of core metadata; `beside` says which wheels have it beside them all the same. */
async function makeSilentWorld(beside: readonly string[]) {
  const world = makeGateWorld();
  const files = await world.announce({
    [OLD]: { verdict: UNSCANNED, announced: { uploadTime: '2025-01-01T00:00:00Z' } },
    [NEW]: { verdict: UNSCANNED, announced: { uploadTime: '2025-02-01T00:00:00Z' } },
    'six-2.0.tar.gz': { verdict: UNSCANNED },
  });
  for (const filename of beside) {
    const file = files[filename]!;
    world.source.metadata.set(file.file.url, metadataOf(file.version ?? ''));
  }
  return { world, old: files[OLD]!, newest: files[NEW]! };
}

async function announced(world: GateWorld) {
  const answer = await serveProjectPage(SIX, CLIENT, world.deps);
  if (answer.kind !== 'page') throw new Error(answer.kind);
  return Object.fromEntries(answer.model.page.files.map(({ filename, coreMetadata }) => [filename, coreMetadata]));
}

function ask(world: GateWorld, path: string, hop = 0) {
  return serveMetadata({ path, hop, client: CLIENT, signal: new AbortController().signal }, world.deps);
}

describe('a page that says nothing of core metadata', () => {
  test('announces it for its wheels when the newest one has it beside it, asked once for the host', async () => {
    const { world, newest } = await makeSilentWorld([OLD, NEW]);

    const shown = await announced(world);
    await announced(world);

    expect(shown).toMatchObject({ [OLD]: true, 'six-2.0.tar.gz': undefined });
    expect(shown[NEW]).not.toBeUndefined();
    expect(world.source.asked).toEqual([`${newest.file.url}.metadata`]);
  });

  test('announces the digest of what was sent', async () => {
    const { world, old } = await makeSilentWorld([OLD, NEW]);
    await announced(world);
    await ask(world, old.path);
    world.index.announce((await world.deps.store.files.findByProject(old.upstream, SIX)).slice());

    expect(await announced(world)).toMatchObject({
      [OLD]: { sha256: digestOf(metadataOf('1.0')) },
      [NEW]: { sha256: digestOf(metadataOf('2.0')) },
    });
  });

  test('announces nothing when the host has none, which is asked three times and then for an hour no more', async () => {
    const { world } = await makeSilentWorld([]);

    for (let count = 0; count < 5; count++) await announced(world);
    const askedAtFirst = world.source.asked.length;
    world.clock.advance(3_600_000);
    const shown = await announced(world);

    expect(askedAtFirst).toBe(3);
    expect(world.source.asked).toHaveLength(4);
    expect(Object.values(shown)).toEqual([undefined, undefined, undefined]);
  });

  test('takes a web page for no core metadata', async () => {
    const { world, newest } = await makeSilentWorld([]);
    world.source.metadata.set(newest.file.url, Buffer.from('<html>Please log in</html>'));

    expect(await announced(world)).toMatchObject({ [NEW]: undefined });
    expect((await world.deps.store.files.findByKey(newest.key))?.metadataSha256).toBeUndefined();
  });

  test('takes the metadata of another project for none', async () => {
    const { world, newest } = await makeSilentWorld([]);
    world.source.metadata.set(newest.file.url, Buffer.from('Metadata-Version: 2.1\nName: seven\nVersion: 2.0\n'));

    expect(await announced(world)).toMatchObject({ [NEW]: undefined });
  });

  test('is answered without it when the host fails', async () => {
    const { world } = await makeSilentWorld([]);
    world.source.fetchMetadata = () => Promise.reject(new Error('no route'));

    expect(await announced(world)).toMatchObject({ [NEW]: undefined });
  });
});

test('a page that announces some core metadata is taken at its word', async () => {
  const world = makeGateWorld();
  await world.announce({
    [OLD]: { verdict: UNSCANNED },
    [NEW]: { verdict: UNSCANNED, announced: { coreMetadata: true } },
  });

  expect(await announced(world)).toMatchObject({ [OLD]: undefined, [NEW]: true });
  expect(world.source.asked).toEqual([]);
});

describe('core metadata that lies beside a wheel', () => {
  test('is served at once; its digest is noted with an event before it leaves', async () => {
    const { world, old } = await makeSilentWorld([OLD, NEW]);

    const answer = await ask(world, old.path);

    expect(answer).toMatchObject({ kind: 'metadata', bytes: metadataOf('1.0') });
    expect((await world.deps.store.files.findByKey(old.key))?.metadataSha256).toBe(digestOf(metadataOf('1.0')));
    expect(await world.deps.store.events.list({ limit: 5 })).toMatchObject([
      { kind: 'metadata-pinned', filename: OLD },
    ]);
    expect(world.intake.speculated).toMatchObject([{ filename: OLD }]);
    expect(world.intake.joins).toEqual([]);
  });

  test('that changed since it was first sent is a failure, never an answer', async () => {
    const { world, old } = await makeSilentWorld([OLD]);
    await world.deps.store.files.updateFile(old.key, { metadataSha256: 'ab'.repeat(32) }, []);

    await expect(ask(world, old.path)).rejects.toMatchObject({ code: 'UPSTREAM_MISMATCH' });
  });

  test('and is not what the scanned wheel holds makes the file refused', async () => {
    const { world, old } = await makeSilentWorld([OLD]);
    world.judge.onMismatch = (mismatch) => ({ kind: 'refuse', reason: 'metadata-mismatch', detail: mismatch.detail });
    await ask(world, old.path);
    const noted = (await world.deps.store.files.findByKey(old.key))!;
    world.index.announce([{ ...noted, sha256: digestOf(Buffer.from('wheel')) as never }]);
    const own = Buffer.from('Metadata-Version: 2.1\nName: six\nVersion: 1.0\nRequires-Dist: evil\n');
    const report = makeReport({ ...noted, sha256: digestOf(Buffer.from('wheel')) as never });
    await world.deps.store.reports.saveReport(report, 0, own, []);

    expect(await ask(world, old.path)).toMatchObject({ kind: 'refused', verdict: { reason: 'metadata-mismatch' } });
  });
});

describe('where one wheel of such a host has none beside it', () => {
  test('the scan is waited for, and its own copy is served', async () => {
    const { world, old } = await makeSilentWorld([NEW]);
    const sha256 = digestOf(Buffer.from('wheel')) as never;
    await announced(world);
    world.intake.onJoin = async (file) => {
      await world.deps.store.files.updateFile(file.key, { sha256 }, []);
      await world.deps.store.reports.saveReport(makeReport({ ...file, sha256 }), 0, metadataOf('1.0'), []);
      world.judge.set(OLD, CLEAN);
      return { kind: 'done', times: JOB_TIMES };
    };

    expect(await ask(world, old.path)).toMatchObject({ kind: 'metadata', bytes: metadataOf('1.0') });
  });

  test('a scan that takes long leads to the next hop, and in the end to the words of an unfinished one', async () => {
    const { world, old } = await makeSilentWorld([NEW]);
    await announced(world);

    expect(await ask(world, old.path)).toMatchObject({ kind: 'next-hop', hop: 1 });
    expect(await ask(world, old.path, 8)).toMatchObject({ kind: 'unfinished' });
  });

  test('a wheel that turns out bad is refused', async () => {
    const { world, old } = await makeSilentWorld([NEW]);
    await announced(world);
    world.intake.onJoin = () => {
      world.judge.set(OLD, MALWARE);
      return { kind: 'done', times: JOB_TIMES };
    };

    expect(await ask(world, old.path)).toMatchObject({ kind: 'refused', verdict: MALWARE });
  });
});

test('cached core metadata does not outlive the digest that it was announced with', async () => {
  const world = makeGateWorld();
  const first = metadataOf('1.0');
  const second = Buffer.concat([first, Buffer.from('Requires-Dist: idna\n')]);
  const announce = (bytes: Uint8Array) =>
    world.announce({ [OLD]: { verdict: UNSCANNED, announced: { coreMetadata: { sha256: digestOf(bytes) } } } });
  const before = (await announce(first))[OLD]!;
  world.source.metadata.set(before.file.url, first);
  await ask(world, before.path);

  await announce(second);
  world.source.metadata.set(before.file.url, second);

  expect(await ask(world, before.path)).toMatchObject({ kind: 'metadata', sha256: digestOf(second) });
});

test('a host that lacks it for some files, three in a row among them, is still one that has it', () => {
  const origins = createMetadataOrigins({ now: () => 0 });
  const file = { upstream: PYPI, file: { url: 'https://files.pythonhosted.org/packages/six.whl' } };

  for (const isServed of [true, false, false, false, false]) origins.note(file, isServed);
  const afterFour = origins.find(file);
  for (const isServed of [false, false]) origins.note(file, isServed);

  expect(afterFour).toBe('served');
  expect(origins.find(file)).toBe('absent');
});
