import { describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { EntryScope, Policy, PolicyEntry } from '../../src/policy/entry.ts';
import { isWaiver } from '../../src/policy/entry-width.ts';
import type { FileFacts, JudgedFile, ReportFacts, StoredFile } from '../../src/policy/facts.ts';
import type { ProjectName, UpstreamId } from '../../src/pypi/model.ts';
import { makeEntry, makeProject, makeStoredFile, PYPI, SIX, sha256Of } from '../support/stored-facts.ts';
import { comparison, DAY, HOUR, INSTALLED, MAL, makePolicy, NOW } from './policy-facts.ts';

/** mulberry32: the same cases in every run */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TORCH = 'torch' as ProjectName;
const MIRROR = 'mirror' as UpstreamId;
const FILENAMES = ['six-1.0-py3-none-any.whl', 'six-1.0.tar.gz', 'six-2.0.tar.gz', 'six-2004d.zip', 'six.zip'];
const CASES = 1_200;

class Cases {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }
  chance(share: number): boolean {
    return this.#random() < share;
  }
  /** a time around now, often exactly on an hour */
  time(): number {
    return NOW + Math.floor((this.#random() - 0.5) * 200) * HOUR;
  }
  maybe<K extends string, V>(key: K, share: number, value: () => V): Partial<Record<K, V>> {
    return this.chance(share) ? ({ [key]: value() } as Record<K, V>) : {};
  }

  file(): StoredFile {
    const filename = this.pick(FILENAMES);
    const isTorch = this.chance(0.2);
    return makeStoredFile(filename, {
      project: isTorch ? TORCH : SIX,
      upstream: this.chance(0.2) ? MIRROR : PYPI,
      firstSeenAt: this.time(),
      ...this.maybe('uploadTime', 0.7, () => new Date(this.time()).toISOString()),
      ...this.maybe('changed', 0.05, () => 'size'),
      ...this.maybe('comparison', 0.2, () => comparison({ sha256: sha256Of(filename) })),
      ...this.maybe('mismatch', 0.1, () => ({
        kind: this.pick(['digest', 'metadata'] as const),
        detail: 'x',
        at: this.time(),
      })),
    });
  }
  report(file: StoredFile): { readonly report?: ReportFacts } {
    return this.maybe('report', 0.8, () => ({
      sha256: file.sha256 ?? sha256Of(''),
      filename: file.file.filename,
      ruleset: this.pick(['rules-1', 'rules-1', 'older']),
      scannedAt: this.time(),
      score: this.pick([0, 0, 3, 6, 12]),
      malwareScore: this.pick([0, 0, 0, 6, 12]),
      ...this.maybe('unscannable', 0.05, () => 'x'),
      ...this.maybe('ambiguous', 0.05, () => 'x'),
    }));
  }
  judged(): JudgedFile {
    const file = this.file();
    return { file, ...this.report(file) };
  }
  facts(): FileFacts {
    const own = this.judged();
    return {
      ...own,
      project: makeProject({
        upstream: own.file.upstream,
        project: own.file.project,
        firstSeenAt: this.time(),
        ...this.maybe('firstUploadAt', 0.7, () => this.time() - this.pick([0, 900 * DAY])),
        ...this.maybe('upstreamQuarantinedAt', 0.05, () => this.time()),
      }),
      siblings: this.chance(0.3) ? [this.judged()] : [],
      feedMatches: this.chance(0.1) ? [MAL] : [],
    };
  }
  scope(): EntryScope {
    const filename = this.pick(FILENAMES);
    const scope: EntryScope = {
      ...this.maybe('project', 0.7, () => this.pick([SIX, SIX, TORCH])),
      ...this.maybe('sha256', 0.3, () => sha256Of(filename)),
      ...this.maybe('upstream', 0.2, () => this.pick([PYPI, MIRROR])),
    };
    const canNameFile = scope.project !== undefined || scope.sha256 !== undefined;
    return {
      ...scope,
      ...(scope.project === undefined
        ? {}
        : this.maybe('version', 0.3, () => this.pick(['==1.0', '>=1', '<2', '!=1.0']))),
      ...(canNameFile ? this.maybe('filename', 0.4, () => this.pick([filename, '*.whl', 'six*'])) : {}),
      ...(Object.keys(scope).length === 0 ? { upstream: PYPI } : {}),
    };
  }
  entry(id: string, effect: PolicyEntry['effect'] = this.pick(['allow', 'deny'])): PolicyEntry {
    return makeEntry({
      id,
      effect,
      final: effect === 'deny' && this.chance(0.1),
      scope: this.scope(),
      ...this.maybe('expiresAt', 0.4, () => this.time()),
    });
  }
  policy(): Policy {
    return makePolicy({
      mode: this.chance(0.2) ? 'monitor' : 'enforce',
      entries: Array.from({ length: Math.floor(this.#random() * 5) }, (_, index) => this.entry(`e${index}`)),
      cooldown: [{ project: '*', newProjectHours: this.pick([0, 72]), newReleaseHours: this.pick([0, 24]) }],
      installedAt: this.pick([INSTALLED, NOW - 50 * HOUR]),
      ruleset: { inForce: 'rules-1', since: this.time() },
      rulesetGraceMs: this.pick([0, 48 * HOUR]),
      ...this.maybe('freezeAt', 0.1, () => this.time()),
    });
  }
}

const say = (facts: FileFacts, policy: Policy, now: number): string =>
  JSON.stringify(decide(facts, policy, now).verdict);
const RANK = { allow: 0, 'needs-scan': 1, quarantine: 2, refuse: 3 } as const;
const rank = (facts: FileFacts, policy: Policy): number => RANK[decide(facts, policy, NOW).verdict.kind];

function* cases(seed: number): Generator<{ facts: FileFacts; policy: Policy; random: Cases }> {
  for (let index = 0; index < CASES; index++) {
    const random = new Cases(seed * CASES + index);
    yield { facts: random.facts(), policy: random.policy(), random };
  }
}

describe('decide', () => {
  test('always answers, in one plain ASCII line, and sees every verdict in these cases', () => {
    const seen = new Set<string>();
    for (const { facts, policy } of cases(1)) {
      const { verdict } = decide(facts, policy, NOW);
      seen.add(`${verdict.kind} ${verdict.reason}`);
      expect(verdict.detail).toMatch(/^[\x20-\x7e]{1,200}$/u);
    }
    expect(seen.size).toBe(19);
  });

  test('validUntil is exact: nothing changes before it, something at it', () => {
    for (const { facts, policy } of cases(2)) {
      const { verdict, validUntil } = decide(facts, policy, NOW);
      const end = validUntil ?? NOW + 10_000 * DAY;
      expect(end).toBeGreaterThan(NOW);
      const before = [end - 1, Math.floor((NOW + end) / 2), NOW + 1, NOW + HOUR].filter((at) => at >= NOW && at < end);
      for (const at of before) expect(say(facts, policy, at)).toBe(JSON.stringify(verdict));
      if (validUntil !== undefined) expect(say(facts, policy, validUntil)).not.toBe(JSON.stringify(verdict));
    }
  });

  test('nothing unscanned is ever allowed', () => {
    for (const { facts, policy } of cases(3)) {
      if (facts.report === undefined) expect(decide(facts, policy, NOW).verdict.kind).not.toBe('allow');
    }
  });

  test('an allow never makes a verdict stricter, unless it makes the file worth a scan', () => {
    for (const { facts, policy, random } of cases(4)) {
      const allow = random.entry('more', 'allow');
      const more = { ...policy, entries: [...policy.entries, allow] };

      expect(rank(facts, more)).toBeLessThanOrEqual(Math.max(rank(facts, policy), RANK['needs-scan']));
    }
  });

  test('a deny never makes a verdict milder', () => {
    for (const { facts, policy, random } of cases(5)) {
      const more = { ...policy, entries: [...policy.entries, random.entry('more', 'deny')] };

      expect(rank(facts, more)).toBeGreaterThanOrEqual(rank(facts, policy));
    }
  });

  test('a narrower allow never loosens a file that a wider one did not', () => {
    for (const { facts, policy, random } of cases(6)) {
      const wide = random.entry('wide', 'allow');
      const scope = {
        ...wide.scope,
        project: wide.scope.project ?? SIX,
        version: [wide.scope.version ?? [], '==1.0'].flat().join(),
      };
      if (isWaiver({ ...wide, scope })) continue;
      const narrow = { ...wide, scope };
      const withWide = { ...policy, entries: [...policy.entries, wide] };
      const withNarrow = { ...policy, entries: [...policy.entries, narrow] };
      // against a deny the narrower one may win: that is its point; without any deny it must not
      if (policy.entries.some(({ effect }) => effect === 'deny')) continue;

      expect(rank(facts, withNarrow)).toBeGreaterThanOrEqual(rank(facts, withWide));
    }
  });

  test('no allow wider than one file overrides malware, feed, mismatch, unscannable or a bad sibling', () => {
    const beyond = new Set([
      'malware',
      'feed',
      'digest-mismatch',
      'metadata-mismatch',
      'ambiguous-archive',
      'unscannable',
      'changed-upstream',
      'sibling-refused',
      'upstream-quarantined',
    ]);
    for (const { facts, policy, random } of cases(7)) {
      const bare = { ...policy, mode: 'enforce' as const, entries: [] };
      const before = decide(facts, bare, NOW).verdict;
      if (!beyond.has(before.reason)) continue;
      const allows = Array.from({ length: 5 }, (_, index) => random.entry(`a${index}`, 'allow')).filter(
        (one) => !isWaiver(one),
      );

      expect(decide(facts, { ...bare, entries: allows }, NOW).verdict).toEqual(before);
    }
  });

  test('a waiver lets one file through and touches no other', () => {
    for (const { facts, policy, random } of cases(8)) {
      const other = random.file();
      if (other.sha256 === facts.file.sha256 || other.version === facts.file.version) continue;
      const scope = {
        project: other.project,
        filename: other.file.filename,
        ...(other.sha256 === undefined ? {} : { sha256: other.sha256 }),
      };
      const siblings: readonly JudgedFile[] = [];
      const waived = { ...policy, entries: [...policy.entries, makeEntry({ id: 'w', effect: 'allow', scope })] };

      expect(decide({ ...facts, siblings }, waived, NOW)).toEqual(decide({ ...facts, siblings }, policy, NOW));
    }
  });

  test('monitor mode is never stricter than enforce mode, and tells what it let through', () => {
    for (const { facts, policy } of cases(9)) {
      const enforced = decide(facts, { ...policy, mode: 'enforce' }, NOW).verdict;
      const monitored = decide(facts, { ...policy, mode: 'monitor' }, NOW).verdict;

      if (enforced.kind === 'allow') expect(monitored).toEqual(enforced);
      if (monitored.kind === 'allow' && monitored.reason === 'monitor') expect(monitored.wouldHave).toEqual(enforced);
      if (monitored.kind === 'allow' && enforced.kind !== 'allow') expect(monitored.reason).toBe('monitor');
    }
  });

  test('the order of entries decides no verdict', () => {
    for (const { facts, policy } of cases(10)) {
      const reversed = { ...policy, entries: [...policy.entries].reverse() };

      expect(rank(facts, reversed)).toBe(rank(facts, policy));
    }
  });
});

test('ten thousand entries and ten thousand files are a matter of milliseconds each thousand', () => {
  const random = new Cases(77);
  const entries = Array.from({ length: 10_000 }, (_, index) =>
    makeEntry({
      id: `e${index}`,
      effect: index % 2 === 0 ? 'deny' : 'allow',
      scope:
        index % 4 === 0
          ? { sha256: sha256Of(`${index}`) }
          : index % 4 === 1
            ? { project: `project-${index}` as ProjectName }
            : { project: SIX, filename: `six-${index}.0.tar.gz` },
    }),
  );
  const policy = makePolicy({ entries });
  const facts = Array.from({ length: 10_000 }, (_, index) => {
    const file = makeStoredFile(`six-${index}.0.tar.gz`, {
      firstSeenAt: INSTALLED,
      uploadTime: '2026-01-01T00:00:00Z',
    });
    return { ...random.facts(), file };
  });
  decide(facts[0]!, policy, NOW); // compiled once

  const startedAt = performance.now();
  for (const one of facts) decide(one, policy, NOW);
  const elapsedMs = performance.now() - startedAt;

  expect(elapsedMs).toBeLessThan(2_000); // about 100 ms on a quiet machine
});
