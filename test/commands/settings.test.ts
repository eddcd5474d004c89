import { describe, expect, test } from 'vitest';
import { addFreezeCommand, addModeCommand } from '../../src/commands/settings.ts';
import { runCommand } from './support.ts';

const MONITOR = {
  name: 'mode',
  value: 'monitor',
  configured: 'enforce',
  isOverride: true,
  actor: 'cli:ada',
  since: Date.UTC(2026, 10, 23, 8),
  reason: 'first week',
};

describe('cordon mode', () => {
  test('alone shows what is in force, who set it and what the configuration says', async () => {
    const ran = await runCommand(addModeCommand, ['mode'], { answer: () => MONITOR });

    expect(ran.asked).toEqual([{ method: 'GET', path: ['settings', 'mode'] }]);
    expect(ran.text).toBe(
      'mode: monitor, set by ada 2026-11-23 08:00 UTC: first week (the configuration says enforce)\n',
    );
    expect(ran.exitCode).toBe(0);
  });

  test('sets a value with its reason', async () => {
    const ran = await runCommand(addModeCommand, ['mode', 'monitor', '--reason', 'first week'], {
      answer: () => MONITOR,
    });

    expect(ran.asked).toEqual([
      { method: 'PUT', path: ['settings', 'mode'], body: { value: 'monitor', reason: 'first week' } },
    ]);
    expect(ran.text).toContain('in force at the next request');
  });

  test('asks why before it asks the server', async () => {
    const ran = await runCommand(addModeCommand, ['mode', 'monitor']);

    expect(ran.exitCode).toBe(2);
    expect(ran.asked).toEqual([]);
    expect(ran.failure).toMatchObject({ message: expect.stringContaining('--reason') as string });
  });
});

describe('cordon freeze', () => {
  test('clear gives the decision back to the configuration', async () => {
    const ran = await runCommand(addFreezeCommand, ['freeze', 'clear', '--reason', 'over'], {
      answer: () => ({ name: 'freeze', value: 'off', configured: 'off', isOverride: false }),
    });

    expect(ran.asked).toEqual([{ method: 'DELETE', path: ['settings', 'freeze'], query: { reason: 'over' } }]);
    expect(ran.text).toBe('freeze: off; in force at the next request\n');
  });

  test('answers with JSON', async () => {
    const ran = await runCommand(addModeCommand, ['mode', '--json'], { answer: () => MONITOR });

    expect(JSON.parse(ran.text)).toEqual(MONITOR);
  });
});
