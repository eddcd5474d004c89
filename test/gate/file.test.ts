import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { serveFile } from '../../src/gate/file.ts';
import { makeRefusedPath } from '../../src/pypi/file-path.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { JOB_TIMES } from '../fakes/fake-intake.ts';
import { CLEAN, coolingDown, MALWARE, SUSPICIOUS, UNSCANNED } from '../fakes/fake-judge.ts';
import { CLIENT, type GateWorld, makeGateWorld } from '../support/gate-world.ts';
import { makeReport } from '../support/stored-facts.ts';

const WHEEL = 'six-1.0-py3-none-any.whl';

function ask(world: GateWorld, path: string, hop = 0, signal = new AbortController().signal) {
  return serveFile({ path, hop, client: CLIENT, signal }, world.deps);
}

describe('an allowed file', () => {
  test('is served from the blob store, and no job is started', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'the wheel' } });

    const answer = await ask(world, files[WHEEL]!.path);

    expect(answer).toMatchObject({ kind: 'file', sizeBytes: 9, timing: { holdMs: 0 } });
    if (answer.kind !== 'file') throw new Error(answer.kind);
    expect(await text(await answer.open({ start: 4, end: 6 }))).toBe('whe');
    expect(world.intake.joins).toEqual([]);
  });

  test('whose blob was evicted is fetched again, not a failure', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'the wheel' } });
    const { sha256 } = files[WHEEL]!;
    await world.blobs.remove(sha256!);
    world.intake.onJoin = () => {
      world.blobs.put(sha256!, Buffer.from('the wheel'));
      return { kind: 'done', times: JOB_TIMES };
    };

    expect(await ask(world, files[WHEEL]!.path)).toMatchObject({ kind: 'file', timing: { times: JOB_TIMES } });
  });

  test('whose blob was cut off where it lies is fetched again, and not sent short', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'the wheel', announced: { sizeBytes: 9 } } });
    const { sha256 } = files[WHEEL]!;
    world.blobs.put(sha256!, Buffer.from('the wh'));
    world.intake.onJoin = () => {
      world.blobs.put(sha256!, Buffer.from('the wheel'));
      return { kind: 'done', times: JOB_TIMES };
    };

    expect(await ask(world, files[WHEEL]!.path)).toMatchObject({ kind: 'file', sizeBytes: 9 });
    expect(world.intake.joins).toHaveLength(1);
  });

  test('that is evicted after the look is not taken to be there any more', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'the wheel' } });
    const first = await ask(world, files[WHEEL]!.path);
    await world.blobs.remove(files[WHEEL]!.sha256!);

    if (first.kind !== 'file') throw new Error(first.kind);
    await expect(first.open()).rejects.toMatchObject({ code: 'NOT_FOUND' });

    expect(await ask(world, files[WHEEL]!.path)).toMatchObject({ kind: 'next-hop' });
  });

  test('without an announced digest is served by the digest pinned during the hold', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED, announced: { hashes: {} } } });
    const file = files[WHEEL]!;
    const pinned = 'ab'.repeat(32) as Sha256;
    world.intake.onJoin = async () => {
      await world.deps.store.files.updateFile(file.key, { sha256: pinned }, []);
      world.blobs.put(pinned, Buffer.from('x'));
      world.judge.set(WHEEL, CLEAN);
      return { kind: 'done', times: JOB_TIMES };
    };

    expect(await ask(world, file.path)).toMatchObject({ kind: 'file', sha256: pinned });
  });
});

describe('a refused file', () => {
  test.each([MALWARE, SUSPICIOUS, coolingDown(1)])('is never opened, nor fetched: %o', async (verdict) => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'evil', verdict } });

    const answer = await ask(world, files[WHEEL]!.path);

    expect(answer).toMatchObject({ kind: 'refused', verdict });
    expect(world.blobs.opened).toEqual([]);
    expect(world.intake.joins).toEqual([]);
  });

  test('is refused under its speaking path too, and served there after a waiver', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'evil', verdict: MALWARE } });
    const speaking = makeRefusedPath(files[WHEEL]!.key, 'malware', WHEEL);

    expect(await ask(world, speaking)).toMatchObject({ kind: 'refused' });

    world.judge.set(WHEEL, { kind: 'allow', reason: 'waiver', detail: 'waived' });
    expect(await ask(world, speaking)).toMatchObject({ kind: 'file' });
  });

  test('is not reached by a speaking path with another filename', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'evil' } });

    const answer = await ask(world, makeRefusedPath(files[WHEEL]!.key, 'malware', 'other.whl'));

    expect(answer).toMatchObject({ kind: 'absent' });
  });

  test('keeps one address for its explanation', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { verdict: MALWARE } });

    const first = await ask(world, files[WHEEL]!.path);
    const second = await ask(world, files[WHEEL]!.path);

    if (first.kind !== 'refused' || second.kind !== 'refused') throw new Error('not refused');
    expect(second.explanationId).toBe(first.explanationId);
    expect(await world.deps.store.explanations.findFileKey(first.explanationId)).toBe(files[WHEEL]!.key);
  });
});

describe('a file without a verdict', () => {
  test('is held, and served when the scan is good', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'x', verdict: UNSCANNED } });
    world.intake.onJoin = () => {
      world.clock.advance(3_000);
      world.judge.set(WHEEL, CLEAN);
      return { kind: 'done', times: JOB_TIMES };
    };

    const answer = await ask(world, files[WHEEL]!.path);

    expect(answer).toMatchObject({ kind: 'file', timing: { holdMs: 3_000, times: JOB_TIMES } });
    expect(world.intake.joins).toEqual([{ filename: WHEEL, waitMs: 10_000 }]);
  });

  test('a deny edit made during the hold wins over the scan', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { bytes: 'x', verdict: UNSCANNED } });
    world.intake.onJoin = () => {
      world.judge.set(WHEEL, { kind: 'refuse', reason: 'deny-entry', detail: 'not wanted here' });
      return { kind: 'done', times: JOB_TIMES };
    };

    expect(await ask(world, files[WHEEL]!.path)).toMatchObject({ kind: 'refused', verdict: { reason: 'deny-entry' } });
  });

  test('goes through its hops and ends with what is still under way', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED } });
    const phase = { kind: 'fetching', receivedBytes: 812_000_000, totalBytes: 2_431_000_000 } as const;
    world.intake.phases.set(WHEEL, phase);

    const first = await ask(world, files[WHEEL]!.path, 0);
    const eighth = await ask(world, files[WHEEL]!.path, 7);
    const last = await ask(world, files[WHEEL]!.path, 8);
    const beyond = await ask(world, files[WHEEL]!.path, 9_999);

    expect([first, eighth]).toMatchObject([
      { kind: 'next-hop', hop: 1 },
      { kind: 'next-hop', hop: 8 },
    ]);
    expect([last, beyond]).toMatchObject([
      { kind: 'unfinished', phase },
      { kind: 'unfinished', phase },
    ]);
    expect(world.intake.joins.map(({ waitMs }) => waitMs)).toEqual([10_000, 10_000, 12_000, 12_000]);
  });

  test('gives up its place when the client leaves, and the job goes on', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED } });
    const leaving = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    world.intake.onJoin = () =>
      new Promise((_resolve, reject) => {
        fail = reject;
      });

    const answer = ask(world, files[WHEEL]!.path, 0, leaving.signal);
    await new Promise(setImmediate);
    expect(world.deps.holds.count()).toBe(1);
    leaving.abort();
    await answer;
    fail(new Error('nobody listens any more'));
    await new Promise(setImmediate);

    expect(world.deps.holds.count()).toBe(0);
  });

  test('passes on why the job failed, and gives up its place', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED } });
    world.intake.onJoin = () => Promise.reject(new Error('upstream is down'));

    await expect(ask(world, files[WHEEL]!.path)).rejects.toThrow('upstream is down');
    expect(world.deps.holds.count()).toBe(0);
  });

  test('is turned away when too many wait already', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED } });
    for (let index = 0; index < 50; index++) world.deps.holds.enter(CLIENT.address);

    await expect(ask(world, files[WHEEL]!.path)).rejects.toMatchObject({ code: 'OVERLOADED', status: 503 });
  });
});

describe('a wheel whose announced metadata is not its own', () => {
  test('is refused once it is scanned, with an event', async () => {
    const world = makeGateWorld();
    const announced = 'cd'.repeat(32);
    const files = await world.announce({ [WHEEL]: { bytes: 'x', announced: { coreMetadata: { sha256: announced } } } });
    const file = files[WHEEL]!;
    await world.deps.store.reports.saveReport(makeReport(file), 0, Buffer.from('Name: six\n'), []);
    world.judge.onMismatch = (mismatch) => ({ kind: 'refuse', reason: 'metadata-mismatch', detail: mismatch.detail });

    const answer = await ask(world, file.path);

    expect(answer).toMatchObject({ kind: 'refused', verdict: { reason: 'metadata-mismatch' } });
    expect(world.index.forgotten).toEqual(['six']);
    expect(await world.deps.store.events.list({ limit: 10 })).toMatchObject([
      { kind: 'metadata-mismatch', before: { announced } },
    ]);
  });
});

describe('an unknown path', () => {
  test.each([
    ['packages/aa/bb/six-9.0.tar.gz'],
    ['packages/aa/bb/six-1.0-py3-none-any.whl.asc'],
    ['packages/../six-1.0-py3-none-any.whl'],
    ['packages'],
    ['packages/refused/x/six.whl'],
  ])('%s is absent', async (path) => {
    const world = makeGateWorld();
    await world.announce({ [WHEEL]: { bytes: 'x' } });

    expect(await ask(world, path)).toMatchObject({ kind: 'absent' });
  });

  test('that people can predict leads to the file here, never elsewhere', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ 'six-1.0.tar.gz': { bytes: 'x' } });

    expect(await ask(world, 'packages/source/s/six/six-1.0.tar.gz')).toEqual({
      kind: 'moved',
      path: files['six-1.0.tar.gz']!.path,
    });
    expect(await ask(world, 'packages/source/s/six/six-2.0.tar.gz')).toMatchObject({ kind: 'absent' });
  });

  test('a wheel whose name breaks the rules for wheels is not served', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ 'six__-1.0-py3-none-any.whl': { bytes: 'x', isUnversioned: true } });

    expect(await ask(world, files['six__-1.0-py3-none-any.whl']!.path)).toMatchObject({ kind: 'absent' });
  });

  test('a file that speaks for another project is not served under this one', async () => {
    const world = makeGateWorld();
    const files = await world.announce({ 'requests-1.0.tar.gz': { bytes: 'x', isUnversioned: true } });

    expect(await ask(world, files['requests-1.0.tar.gz']!.path)).toMatchObject({ kind: 'absent' });
  });
});
