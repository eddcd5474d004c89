import { describe, expect, test } from 'vitest';
import { serveProjectPage } from '../../src/gate/project-page.ts';
import type { ProjectName } from '../../src/pypi/model.ts';
import { JOB_TIMES } from '../fakes/fake-intake.ts';
import { CLEAN, coolingDown, MALWARE, SUSPICIOUS, UNSCANNED } from '../fakes/fake-judge.ts';
import { CLIENT, type GateWorld, makeGateWorld, PIP_AGENT } from '../support/gate-world.ts';
import { makeReport, SIX, sha256Of } from '../support/stored-facts.ts';

const PIP = { ...CLIENT, userAgent: PIP_AGENT };

async function page(world: GateWorld, client = CLIENT) {
  const answer = await serveProjectPage(SIX, client, world.deps);
  if (answer.kind !== 'page') throw new Error(answer.kind);
  return answer.model;
}

describe('the form of a page', () => {
  test('without a refusal is the upstream, serial and all', async () => {
    const world = makeGateWorld();
    const files = await world.announce(
      { 'six-1.0.tar.gz': {}, 'six-2.0.tar.gz': { verdict: UNSCANNED } },
      { lastSerial: 7, versions: ['1.0', '2.0'], upstreamStatus: { status: 'archived' } },
    );

    const model = await page(world);

    expect(model.page).toMatchObject({
      lastSerial: 7,
      versions: ['1.0', '2.0'],
      upstreamStatus: { status: 'archived' },
    });
    expect(model.page.files).toEqual(Object.values(files).map(({ file }) => file));
    expect(model.paths).toEqual(Object.values(files).map(({ path }) => path));
  });

  test('a refused file is yanked with the reason under its speaking path; the serial goes', async () => {
    const world = makeGateWorld();
    const files = await world.announce(
      { 'six-1.0.tar.gz': {}, 'six-2.0.tar.gz': { verdict: MALWARE } },
      { lastSerial: 7 },
    );

    const model = await page(world);

    expect(model.page.files.map(({ yanked }) => yanked)).toEqual([
      false,
      'Blocked by Cordon: six 2.0: setup.py downloads a program and runs it',
    ]);
    expect(model.paths).toEqual([
      files['six-1.0.tar.gz']!.path,
      `packages/refused/${files['six-2.0.tar.gz']!.key}-malware/six-2.0.tar.gz`,
    ]);
    expect(model.page.lastSerial).toBeUndefined();
    expect(model.page.upstreamStatus).toBeUndefined();
  });

  test('where nothing usable is left all are listed un-yanked under a quarantined project', async () => {
    const world = makeGateWorld();
    await world.announce({ 'six-1.0.tar.gz': { verdict: SUSPICIOUS }, 'six-2.0.tar.gz': { verdict: MALWARE } });

    const model = await page(world);

    expect(model.page.files.map(({ yanked }) => yanked)).toEqual([false, false]);
    expect(model.page.upstreamStatus).toEqual({
      status: 'quarantined',
      reason: 'Quarantined by Cordon: six 1.0: decodes a string and runs it',
    });
    expect(model.paths.every((path) => path.startsWith('packages/refused/'))).toBe(true);
  });

  test('a file held by age is hidden, with its version; a version of which one file is left stays', async () => {
    const world = makeGateWorld();
    const until = world.clock.now() + 1_000;
    await world.announce(
      {
        'six-1.0.tar.gz': {},
        'six-1.0-py3-none-any.whl': { verdict: coolingDown(until) },
        'six-2.0.tar.gz': { verdict: coolingDown(until), validUntil: until },
      },
      { versions: ['0.1', '1.0', '2.0'] },
    );

    const model = await page(world);

    expect(model.page.files.map(({ filename }) => filename)).toEqual(['six-1.0.tar.gz']);
    expect(model.page.versions).toEqual(['0.1', '1.0']);
    expect(model.validUntil).toBe(until);
  });

  test('a project of which everything is held says until when in its status', async () => {
    const world = makeGateWorld();
    await world.announce({ 'six-1.0.tar.gz': { verdict: coolingDown(world.clock.now() + 1_000) } });

    const model = await page(world);

    expect(model.page.files).toEqual([]);
    expect(model.page.upstreamStatus?.status).toBe('quarantined');
    expect(model.page.upstreamStatus?.reason).toMatch(/^Held by Cordon/);
  });

  test('a project that its index emptied stays as the index says', async () => {
    const world = makeGateWorld();
    await world.announce({}, { upstreamStatus: { status: 'quarantined' } });

    expect((await page(world)).page).toMatchObject({ files: [], upstreamStatus: { status: 'quarantined' } });
  });

  test('a file that speaks for another project is left out', async () => {
    const world = makeGateWorld();
    await world.announce({ 'requests-1.0.tar.gz': { isUnversioned: true }, 'six-1.0.tar.gz': {} });

    expect((await page(world)).page.files.map(({ filename }) => filename)).toEqual(['six-1.0.tar.gz']);
  });

  test('a wheel whose name breaks the rules for wheels is left out: it belongs to no release', async () => {
    const world = makeGateWorld();
    const broken = ['six__-1.0-py3-none-any.whl', 'six-1.0--py3-none-any.whl', 'six-1.0-any.whl'];
    await world.announce({
      ...Object.fromEntries(broken.map((name) => [name, { isUnversioned: true }])),
      'six-1.0.tar.gz': {},
    });

    expect((await page(world)).page.files.map(({ filename }) => filename)).toEqual(['six-1.0.tar.gz']);
  });
});

test('core metadata and digest of a scanned wheel are announced where the index does not', async () => {
  const world = makeGateWorld();
  const files = await world.announce({ 'six-1.0-py3-none-any.whl': { bytes: 'x', announced: { hashes: {} } } });
  const file = files['six-1.0-py3-none-any.whl']!;
  await world.deps.store.reports.saveReport(makeReport(file), 0, Buffer.from('Name: six\n'), []);

  const [shown] = (await page(world)).page.files;

  expect(shown?.coreMetadata).toEqual({ sha256: sha256Of('Name: six\n') });
  expect(shown?.hashes).toEqual({ sha256: file.sha256 });
});

describe('a model', () => {
  test('is made once per revision of facts and judge, also for many at the same time', async () => {
    const world = makeGateWorld();
    await world.announce({ 'six-1.0.tar.gz': {} });

    const models = await Promise.all([page(world), page(world), page(world)]);
    await page(world);

    expect(world.judge.projectCalls()).toBe(1);
    expect(new Set(models.map(({ key }) => key)).size).toBe(1);
  });

  test('changes its key when only a verdict changes', async () => {
    const world = makeGateWorld();
    await world.announce({ 'six-1.0.tar.gz': {} });
    const before = await page(world);

    world.judge.set('six-1.0.tar.gz', MALWARE);
    const after = await page(world);

    expect(after.key).not.toBe(before.key);
    expect(after.page.upstreamStatus?.status).toBe('quarantined');
  });

  test('is not used beyond the moment at which time alone changes it', async () => {
    const world = makeGateWorld();
    const until = world.clock.now() + 1_000;
    await world.announce({ 'six-1.0.tar.gz': { verdict: coolingDown(until), validUntil: until } });
    await page(world);

    world.clock.set(until);
    await page(world);

    expect(world.judge.projectCalls()).toBe(2);
  });
});

describe('the newest release that nobody has scanned', () => {
  const NEW = 'six-2.0-py3-none-any.whl';
  const YOUNG = '2026-01-15T10:00:00Z';

  async function withNewRelease(uploadTime: string): Promise<GateWorld> {
    const world = makeGateWorld();
    await world.announce({
      'six-1.0-py3-none-any.whl': {},
      [NEW]: { verdict: UNSCANNED, announced: { uploadTime } },
      'six-2.0.tar.gz': { verdict: UNSCANNED, announced: { uploadTime } },
      'six-3.0rc1-py3-none-any.whl': { verdict: UNSCANNED },
    });
    return world;
  }

  test('is scanned ahead for an installer, and a page waits a moment when it is young', async () => {
    const world = await withNewRelease(YOUNG);
    world.intake.onJoin = () => {
      world.clock.advance(400);
      world.judge.set(NEW, MALWARE);
      return { kind: 'done', times: JOB_TIMES };
    };

    const answer = await serveProjectPage(SIX, PIP, world.deps);

    expect(world.intake.speculated).toEqual([{ filename: NEW, client: PIP.address }]);
    expect(world.intake.joins).toEqual([{ filename: NEW, waitMs: 1_000 }]);
    if (answer.kind !== 'page') throw new Error(answer.kind);
    expect(answer.timing.holdMs).toBe(400);
    expect(answer.model.page.files.find(({ filename }) => filename === NEW)?.yanked).toMatch(/^Blocked/);
  });

  test('is waited for when it is old as well, with half of what the client may wait', async () => {
    const world = await withNewRelease('2025-01-01T00:00:00Z');
    world.intake.onJoin = (_file, waitMs) => {
      world.clock.advance(waitMs);
      return { kind: 'waiting', phase: { kind: 'scanning' } };
    };

    for (let count = 0; count < 5; count++) await page(world, PIP);

    expect(world.intake.joins.map(({ waitMs }) => waitMs)).toEqual([1_000, 1_000, 500]);
    expect(world.intake.speculated).toHaveLength(5);
  });

  test('leaves half of the waits to young releases also where many old ones are waited for at once', async () => {
    const world = await withNewRelease('2025-01-01T00:00:00Z');
    world.intake.onJoin = (_file, waitMs) => {
      world.clock.advance(waitMs);
      return { kind: 'waiting', phase: { kind: 'scanning' } };
    };

    await Promise.all(Array.from({ length: 20 }, () => page(world, PIP)));
    await world.announce({ [NEW]: { verdict: UNSCANNED, announced: { uploadTime: YOUNG } } });
    await page(world, PIP);

    expect(world.intake.joins.at(-1)).toEqual({ filename: NEW, waitMs: 1_000 });
  });

  test('is not looked for among its other files once the one that the installer takes was scanned', async () => {
    const world = await withNewRelease(YOUNG);
    world.judge.set(NEW, CLEAN);

    await page(world, PIP);

    expect(world.intake.speculated).toEqual([]);
    expect(world.intake.joins).toEqual([]);
  });

  test('is not waited for when the speculative budget is spent', async () => {
    const world = await withNewRelease(YOUNG);
    world.intake.hasBudget = false;

    await page(world, PIP);

    expect(world.intake.joins).toEqual([]);
  });

  test.each(['curl/8.0', 'Mozilla/5.0', 'renovate/39', 'bandersnatch/8'])('is left alone for %s', async (userAgent) => {
    const world = await withNewRelease(YOUNG);

    await page(world, { ...CLIENT, userAgent });

    expect(world.intake.speculated).toEqual([]);
  });

  test('one client waits no longer than its budget in five minutes', async () => {
    const world = await withNewRelease(YOUNG);
    world.intake.onJoin = (_file, waitMs) => {
      world.clock.advance(waitMs);
      return { kind: 'waiting', phase: { kind: 'scanning' } };
    };

    for (let count = 0; count < 8; count++) await page(world, PIP);
    await page(world, { ...PIP, address: '10.0.0.8' });
    world.clock.advance(300_000);
    await page(world, PIP);

    expect(world.intake.joins).toHaveLength(5 + 1 + 1);
  });

  test('whose scan fails does not fail the page', async () => {
    const world = await withNewRelease(YOUNG);
    world.intake.onJoin = () => Promise.reject(new Error('upstream is down'));

    expect((await page(world, PIP)).page.files).toHaveLength(4);
  });
});

test('an unknown project is absent, a failing index is a failure', async () => {
  const world = makeGateWorld();

  expect(await serveProjectPage('nothing' as ProjectName, CLIENT, world.deps)).toMatchObject({ kind: 'absent' });

  world.judge.set('x', CLEAN);
  world.index.failure = new Error('down');
  await expect(serveProjectPage(SIX, CLIENT, world.deps)).rejects.toThrow('down');
});
