import { describe, expect, test } from 'vitest';
import { findCooldown, isFrozen } from '../../src/policy/cooldown.ts';
import type { CooldownRule } from '../../src/policy/entry.ts';
import { parseUploadTime } from '../../src/policy/upload-time.ts';
import { makeProject, makeStoredFile } from '../support/stored-facts.ts';
import { DAY, FILENAME, HOUR, INSTALLED, makeFile, makePolicy, NOW } from './policy-facts.ts';

const iso = (at: number): string => new Date(at).toISOString();
const rule = (project: string, newProjectHours: number, newReleaseHours = 0): CooldownRule => ({
  project,
  newProjectHours,
  newReleaseHours,
});
const old = makeProject({ firstSeenAt: INSTALLED, firstUploadAt: 0 });

describe('a hold by age', () => {
  test('counts from the earlier of upload and first sight', () => {
    const policy = makePolicy();
    const until = (firstUploadAt: number, firstSeenAt: number): number | undefined =>
      findCooldown(makeFile(), makeProject({ firstUploadAt, firstSeenAt }), policy, NOW)?.until;

    expect(until(NOW - DAY, NOW)).toBe(NOW + 2 * DAY);
    expect(until(NOW, NOW - DAY)).toBe(NOW + 2 * DAY);
    expect(until(NOW + 900 * DAY, NOW)).toBe(NOW + 3 * DAY); // an index whose clock runs ahead holds nobody for years
    expect(until(NOW - 900 * DAY, NOW)).toBeUndefined();
  });

  test('ends at its end, to the millisecond', () => {
    const project = makeProject({ firstUploadAt: NOW, firstSeenAt: NOW });
    const held = (now: number): boolean => findCooldown(makeFile(), project, makePolicy(), now) !== undefined;

    expect(held(NOW + 72 * HOUR - 1)).toBe(true);
    expect(held(NOW + 72 * HOUR)).toBe(false);
  });

  test('of a release counts for old projects, by the time of the file', () => {
    const policy = makePolicy({ cooldown: [rule('*', 72, 24)] });
    const file = makeFile({ uploadTime: iso(NOW - HOUR), firstSeenAt: NOW });

    expect(findCooldown(file, old, policy, NOW)).toMatchObject({ kind: 'new-release', until: NOW + 23 * HOUR });
    expect(findCooldown(makeFile(), old, policy, NOW)).toBeUndefined();
  });

  test('without upload times, a file is new only if its project had been seen without it', () => {
    const policy = makePolicy({ cooldown: [rule('*', 72, 24)] });
    const seenWith = makeStoredFile(FILENAME, { firstSeenAt: NOW - HOUR });
    const project = makeProject({ firstSeenAt: NOW - HOUR });

    expect(findCooldown(seenWith, { ...project, firstSeenAt: NOW - DAY }, policy, NOW)?.kind).toBe('new-project');
    expect(findCooldown(seenWith, old, policy, NOW)?.kind).toBe('new-release');
    expect(findCooldown(seenWith, project, makePolicy({ cooldown: [rule('*', 0, 24)] }), NOW)).toBeUndefined();
  });

  test('follows the most specific rule, the later one of a tie, and none when none matches', () => {
    const hours = (...cooldown: CooldownRule[]): number | undefined =>
      findCooldown(makeFile(), makeProject({ firstUploadAt: NOW, firstSeenAt: NOW }), makePolicy({ cooldown }), NOW)
        ?.hours;

    expect(hours(rule('six', 1), rule('s*', 2), rule('*', 3))).toBe(1);
    expect(hours(rule('*', 3), rule('si*', 2), rule('s*', 4))).toBe(2);
    expect(hours(rule('*', 3), rule('*', 5))).toBe(5);
    expect(hours(rule('six', 0), rule('*', 3))).toBeUndefined();
    expect(hours(rule('seven', 1))).toBeUndefined();
    expect(hours(rule('s.x', 1))).toBeUndefined();
  });
});

test('the freeze date goes by the upload time, and without one by first sight', () => {
  expect(isFrozen(makeFile({ uploadTime: iso(NOW), firstSeenAt: NOW + DAY }), NOW)).toBe(false);
  expect(isFrozen(makeFile({ uploadTime: iso(NOW + 1) }), NOW)).toBe(true);
  expect(isFrozen(makeStoredFile(FILENAME, { firstSeenAt: NOW + 1 }), NOW)).toBe(true);
  expect(isFrozen(makeStoredFile(FILENAME, { firstSeenAt: NOW }), NOW)).toBe(false);
});

test.each([
  ['2026-01-02T03:04:05.678901Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
  ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
  ['2026-01-02T03:04:05', undefined],
  ['yesterday', undefined],
  ['2026-13-02T03:04:05Z', undefined],
])('an upload time %s', (text, expected) => {
  expect(parseUploadTime(text)).toBe(expected);
});
