import { beforeEach, describe, expect, test } from 'vitest';
import {
  createPolicySnapshot,
  FREEZE_SETTING,
  MODE_SETTING,
  type PolicySnapshot,
} from '../../src/judge/policy-snapshot.ts';
import type { DecisionStore } from '../../src/ports/decision-store.ts';
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { allow, deny, makePolicy } from '../policy/policy-facts.ts';
import { SIX } from '../support/stored-facts.ts';

const EVENT = { kind: 'changed', actor: 'ada' };
const FROM_FILE = deny({ project: SIX }, { id: 'file:1', home: 'policy-file' });
const COOLDOWN = { project: 'our-*', newProjectHours: 0, newReleaseHours: 0 };

describe('the policy in force', () => {
  let store: DecisionStore;
  let snapshot: PolicySnapshot;
  const { mode, cooldown, thresholds, installedAt, ruleset, rulesetGraceMs } = makePolicy();
  const settings = { mode, cooldown, thresholds, installedAt, ruleset, rulesetGraceMs };

  beforeEach(() => {
    store = openMemoryStore({ clock: fakeClock() });
    snapshot = createPolicySnapshot(settings, { store, log: silentLog });
  });

  test('is one list of both homes, and one list of cooldown rules', async () => {
    await store.policy.addEntry(allow({ project: SIX }), EVENT);
    await snapshot.replaceFile({ entries: [FROM_FILE], cooldown: [COOLDOWN] }, 'digest-1');

    const policy = await snapshot.current();

    expect(policy.entries.map(({ id }) => id)).toEqual(['file:1', 'allow']);
    expect(policy.cooldown).toEqual([...settings.cooldown, COOLDOWN]);
  });

  test('is the same object until something changes, so that it is compiled once', async () => {
    const first = await snapshot.current();

    expect(await snapshot.current()).toBe(first);
    await store.policy.bumpRevision(EVENT);
    expect(await snapshot.current()).not.toBe(first);
  });

  test('its revision grows with either home', async () => {
    const seen = [(await snapshot.current()).revision];
    await store.policy.addEntry(allow({ project: SIX }), EVENT);
    seen.push((await snapshot.current()).revision);
    await snapshot.replaceFile({ entries: [FROM_FILE], cooldown: [] }, 'digest-1');
    seen.push((await snapshot.current()).revision);

    expect(seen).toEqual([0, 1, 2]);
  });

  test('an unchanged file is no event, also after a restart; a changed one is', async () => {
    await snapshot.replaceFile({ entries: [FROM_FILE], cooldown: [] }, 'digest-1');
    const restarted = createPolicySnapshot(settings, { store, log: silentLog });
    await restarted.replaceFile({ entries: [FROM_FILE], cooldown: [] }, 'digest-1');
    expect((await restarted.current()).entries).toEqual([FROM_FILE]);
    await restarted.replaceFile(undefined, 'none');
    expect((await restarted.current()).entries).toEqual([]);

    const events = await store.events.list({ limit: 9 });

    expect(events.map(({ kind }) => kind)).toEqual(['policy-file-changed', 'policy-file-changed']);
    expect(events[1]?.before).toEqual({ digest: 'digest-1' });
  });

  test('settings at runtime win over the configuration, until they are unset', async () => {
    const frozen = createPolicySnapshot({ ...settings, freezeAt: 5 }, { store, log: silentLog });
    expect(await frozen.current()).toMatchObject({ mode: 'enforce', freezeAt: 5 });

    await store.policy.setSetting(MODE_SETTING, 'monitor', EVENT);
    await store.policy.setSetting(FREEZE_SETTING, '2026-02-03T04:05Z', EVENT);
    expect(await frozen.current()).toMatchObject({ mode: 'monitor', freezeAt: Date.UTC(2026, 1, 3, 4, 5) });

    await store.policy.setSetting(FREEZE_SETTING, 'off', EVENT);
    expect((await frozen.current()).freezeAt).toBeUndefined();

    await store.policy.setSetting(MODE_SETTING, undefined, EVENT);
    await store.policy.setSetting(FREEZE_SETTING, undefined, EVENT);
    expect(await frozen.current()).toMatchObject({ mode: 'enforce', freezeAt: 5 });
  });

  test('a stored mode that nobody can read is enforce, a freeze date is the configured one', async () => {
    const monitored = createPolicySnapshot({ ...settings, mode: 'monitor', freezeAt: 5 }, { store, log: silentLog });
    await store.policy.setSetting(MODE_SETTING, 'off', EVENT);
    await store.policy.setSetting(FREEZE_SETTING, 'tomorrow', EVENT);

    expect(await monitored.current()).toMatchObject({ mode: 'enforce', freezeAt: 5 });
  });

  test('an edit that comes while the tables are read is in the answer', async () => {
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { listEntries } = store.policy;
    const entries = await listEntries();
    let isFirst = true;
    const late: DecisionStore['policy'] = {
      ...store.policy,
      listEntries: async () => {
        if (!isFirst) return listEntries();
        isFirst = false;
        await slow;
        return entries; // read before the edit
      },
    };
    const reading = createPolicySnapshot(settings, { store: { policy: late }, log: silentLog });

    const asked = reading.current();
    await store.policy.addEntry(allow({ project: SIX }), EVENT);
    release();

    expect((await asked).entries).toHaveLength(1);
  });

  test('a store that fails now may answer the next time', async () => {
    let isDown = true;
    const flaky: DecisionStore['policy'] = {
      ...store.policy,
      revision: () => (isDown ? Promise.reject(new Error('down')) : store.policy.revision()),
    };
    const reading = createPolicySnapshot(settings, { store: { policy: flaky }, log: silentLog });

    await expect(reading.current()).rejects.toThrow('down');
    isDown = false;

    expect((await reading.current()).revision).toBe(0);
  });
});
