import { describe, expect, test } from 'vitest';
import { answerAdmin } from '../../src/admin/admin.ts';
import type { ServerStatus } from '../../src/admin/status.ts';
import { createPolicySnapshot } from '../../src/judge/policy-snapshot.ts';
import type { StoredEvent } from '../../src/ports/decision-store.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { ask, openHarness } from './support.ts';

async function openWithPolicy() {
  const harness = await openHarness();
  const settings = {
    mode: 'enforce' as const,
    cooldown: [],
    thresholds: { refuse: 10, quarantine: 5 },
    rulesetGraceMs: 0,
    installedAt: 0,
    ruleset: { inForce: 'f'.repeat(64), since: 0 },
  };
  return { ...harness, policy: createPolicySnapshot(settings, { store: harness.store, log: silentLog }) };
}

describe('settings at runtime', () => {
  test('without an override the configuration decides', async () => {
    const { deps } = await openHarness();

    const { value } = await answerAdmin(ask('GET', 'settings'), deps);

    expect(value).toEqual([
      { name: 'mode', value: 'enforce', configured: 'enforce', isOverride: false },
      { name: 'freeze', value: 'off', configured: 'off', isOverride: false },
    ]);
  });

  test('a mode that was set is in the next policy and in the status, with who, when and why', async () => {
    const { deps, policy, clock } = await openWithPolicy();

    await answerAdmin(ask('PUT', 'settings/mode', { body: { value: 'monitor', reason: 'first week' } }), deps);

    expect((await policy.current()).mode).toBe('monitor');
    const status = (await answerAdmin(ask('GET', 'status'), deps)).value as ServerStatus;
    expect(status.settings[0]).toEqual({
      name: 'mode',
      value: 'monitor',
      configured: 'enforce',
      isOverride: true,
      actor: 'cli:ada',
      since: clock.now(),
      reason: 'first week',
    });
  });

  test('each change is an event of the hash chain with before and after', async () => {
    const { deps, store } = await openHarness();

    await answerAdmin(ask('PUT', 'settings/mode', { body: { value: 'monitor', reason: 'first week' } }), deps);
    await answerAdmin(ask('DELETE', 'settings/mode', { query: { reason: 'the week is over' } }), deps);

    const events = (await answerAdmin(ask('GET', 'events', { query: { kind: 'mode-changed' } }), deps))
      .value as readonly StoredEvent[];
    expect(events).toMatchObject([
      {
        actor: 'cli:ada',
        reason: 'first week',
        before: { value: 'enforce', isOverride: false },
        after: { value: 'monitor', isOverride: true },
      },
      {
        reason: 'the week is over',
        before: { value: 'monitor', isOverride: true },
        after: { value: 'enforce', isOverride: false },
      },
    ]);
    expect(await store.events.verifyChain()).toBeUndefined();
  });

  test.each([
    ['now', (now: number) => new Date(now).toISOString()],
    ['2026-11-01', () => '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T12:30Z', () => '2026-11-01T12:30:00.000Z'],
    ['off', () => 'off'],
  ])('a freeze date may be written as %s', async (value, expected) => {
    const { deps, policy, clock } = await openWithPolicy();

    const answer = await answerAdmin(ask('PUT', 'settings/freeze', { body: { value, reason: 'a worm' } }), deps);

    const text = expected(clock.now());
    expect(answer.value).toMatchObject({ name: 'freeze', value: text, configured: 'off', isOverride: true });
    expect((await policy.current()).freezeAt).toBe(text === 'off' ? undefined : Date.parse(text));
  });

  test('off at runtime lifts a freeze of the configuration until it is cleared', async () => {
    const { deps } = await openHarness();
    const freezeAt = Date.parse('2026-11-01T00:00:00Z');
    const configured = { ...deps, facts: { ...deps.facts, configured: { mode: 'enforce' as const, freezeAt } } };

    const off = await answerAdmin(
      ask('PUT', 'settings/freeze', { body: { value: 'off', reason: 'it is over' } }),
      configured,
    );
    const cleared = await answerAdmin(ask('DELETE', 'settings/freeze'), configured);

    expect(off.value).toMatchObject({ value: 'off', configured: '2026-11-01T00:00:00.000Z', isOverride: true });
    expect(cleared.value).toMatchObject({ value: '2026-11-01T00:00:00.000Z', isOverride: false });
  });

  test('clearing what was never set changes nothing and writes no event', async () => {
    const { deps, store } = await openHarness();

    await answerAdmin(ask('DELETE', 'settings/mode'), deps);

    expect(await store.policy.revision()).toBe(0);
  });

  test.each([
    ['mode', { value: 'off', reason: 'x' }, 'write enforce or monitor'],
    ['freeze', { value: 'tomorrow', reason: 'x' }, 'write now, off'],
    ['freeze', { value: '2026-02-31', reason: 'x' }, 'write now, off'],
    ['mode', { value: 'monitor' }, 'reason'],
    ['mode', { value: 'monitor', reason: ' ' }, 'say why'],
    ['mode', { value: 'monitor', reason: 'x', colour: 'red' }, 'colour'],
  ])('%s refuses %j', async (name, body, message) => {
    const { deps } = await openHarness();

    await expect(answerAdmin(ask('PUT', `settings/${name}`, { body }), deps)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(message) as string,
    });
  });

  test('there is no other setting', async () => {
    const { deps } = await openHarness();

    await expect(
      answerAdmin(ask('PUT', 'settings/policy-file', { body: { value: 'x', reason: 'x' } }), deps),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
