import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openPolicyFile, type WatchedPolicyFile } from '../../src/feeds/policy-file-watcher.ts';
import type { PolicyFile } from '../../src/policy/parse-policy-file.ts';
import { systemTimers } from '../../src/system-timers.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { type FakeNotifier, fakeNotifier } from '../fakes/fake-notifier.ts';
import { type FakeTimers, fakeTimers } from '../fakes/fake-timers.ts';
import { silentLog } from '../fakes/silent-log.ts';

const DENY_SIX = 'entries:\n  - effect: deny\n    project: six\n    reason: x\n';
const DENY_TORCH = DENY_SIX.replace('six', 'torch');
const TYPO = DENY_SIX.replace('project', 'projcet');

describe('the policy file on disk', () => {
  let folder: string;
  let path: string;
  let clock: FakeClock;
  let timers: FakeTimers;
  let notifier: FakeNotifier;
  let applied: (string | undefined)[];
  let opened: WatchedPolicyFile | undefined;

  const note = (file: PolicyFile | undefined): Promise<void> => {
    applied.push(file?.entries.map(({ scope }) => scope.project).join());
    return Promise.resolve();
  };
  const open = async (): Promise<WatchedPolicyFile> => {
    opened = await openPolicyFile({ path, apply: note, clock, timers, log: silentLog, notifier });
    return opened;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cordon-policy-'));
    path = join(folder, 'policy.yaml');
    clock = fakeClock();
    timers = fakeTimers();
    notifier = fakeNotifier();
    applied = [];
    opened = undefined;
  });
  afterEach(async () => {
    opened?.close();
    await rm(folder, { recursive: true });
  });

  test('is in force from the start, and may be absent', async () => {
    await open();
    opened?.close();
    await writeFile(path, DENY_SIX);
    const file = await open();

    expect(applied).toEqual([undefined, 'six']);
    expect(file.state()).toMatchObject({ kind: 'ok', since: clock.now() });
    expect(file.problem()).toBeUndefined();
  });

  test('that is broken at the start stops it, and names the line', async () => {
    await writeFile(path, TYPO);

    await expect(open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(
        'policy.yaml:3: entries[1].projcet: unknown key; did you mean project?',
      ) as string,
    });
  });

  test('a good edit replaces the policy, the same text does not', async () => {
    await writeFile(path, DENY_SIX);
    const file = await open();

    await writeFile(path, DENY_TORCH);
    await file.reload();
    await file.reload();

    expect(applied).toEqual(['six', 'torch']);
  });

  test('a broken edit keeps the last good policy, says so once, and recovers', async () => {
    await writeFile(path, DENY_SIX);
    const file = await open();
    const start = clock.now();
    clock.advance(60_000);

    await writeFile(path, TYPO);
    await file.reload();
    await file.reload();

    expect(applied).toEqual(['six']);
    expect(file.state()).toMatchObject({ kind: 'broken', since: clock.now(), goodSince: start });
    expect(file.problem()).toContain('policy.yaml:3');
    expect(notifier.notices.map(({ kind }) => kind)).toEqual(['policy-broken']);

    await writeFile(path, DENY_SIX);
    await file.reload();
    expect(file.state().kind).toBe('ok');
    expect(applied).toEqual(['six']);
  });

  test('a file that disappears keeps its entries', async () => {
    await writeFile(path, DENY_SIX);
    const file = await open();

    await rm(path);
    await file.reload();

    expect(applied).toEqual(['six']);
    expect(file.problem()).toContain('the file is gone');
  });

  test('a file that appears later is taken', async () => {
    const file = await open();

    await writeFile(path, DENY_SIX);
    await file.reload();

    expect(applied).toEqual([undefined, 'six']);
  });

  test('what cannot be put in force now is tried again', async () => {
    await writeFile(path, DENY_SIX);
    let isDown = false;
    opened = await openPolicyFile({
      path,
      apply: (file) => (isDown ? Promise.reject(new Error('store down')) : note(file)),
      clock,
      timers,
      log: silentLog,
      notifier,
    });

    isDown = true;
    await writeFile(path, DENY_TORCH);
    await opened.reload();
    isDown = false;
    await opened.reload();

    expect(applied).toEqual(['six', 'torch']);
  });

  test('is noticed when an editor replaces it, without being told', async () => {
    await writeFile(path, DENY_SIX);
    opened = await openPolicyFile({ path, apply: note, clock, timers: systemTimers, log: silentLog, notifier });

    await writeFile(join(folder, 'policy.yaml.tmp'), DENY_TORCH);
    await rename(join(folder, 'policy.yaml.tmp'), path);

    await vi.waitFor(() => expect(applied).toEqual(['six', 'torch']), { timeout: 10_000 });
  });

  test('is polled where the system announces nothing', async () => {
    await writeFile(path, DENY_SIX);
    await open();
    await writeFile(path, DENY_TORCH);

    await vi.waitFor(() => {
      timers.run();
      expect(applied).toEqual(['six', 'torch']);
    });
  });
});
