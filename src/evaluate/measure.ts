// Owns the figures of an evaluation, computed from outcomes. Pure. Start at measure.
import type { BenignSample, MaliciousSample, Sample } from './corpus.ts';
import { isCaught, type Outcome } from './outcome.ts';
import { quantileOf, type Rate, rateOf } from './rate.ts';

/** GuardDog's own boundary between "low risk" and "suspicious". */
export const GUARDDOG_SUSPICIOUS = 5;

export interface Recall {
  /** refused or quarantined */
  readonly files: Rate;
  readonly refusedFiles: Rate;
  /** the same, what only the container speaks against not counted: archives of a corpus are damaged more often than served ones */
  readonly filesByContent: Rate;
  /** families of which at least one file is caught */
  readonly families: Rate;
  readonly refusedFamilies: Rate;
  /** families of which every file is caught */
  readonly wholeFamilies: Rate;
  /** mean over families of the share of their files that is caught */
  readonly familyMean: number;
  /** files that GuardDog scores as suspicious, of those it was asked about */
  readonly guarddogFiles?: Rate;
  readonly guarddogFamilies?: Rate;
}

export interface FalseAlarms {
  readonly refused: Rate;
  /** refused or quarantined */
  readonly flagged: Rate;
  readonly guarddog?: Rate;
}

export interface Times {
  /** of one scan, milliseconds */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** of Python source in a second of scanning, in one process */
  readonly pythonMegabytesPerSecond: number;
}

export interface Evaluation {
  readonly malicious?: {
    readonly all: Recall;
    readonly byYear: Readonly<Record<string, Recall>>;
    readonly byPart: Readonly<Record<string, Recall>>;
    readonly byLabel: Readonly<Record<string, Recall>>;
    readonly times: Times;
  };
  readonly benign?: {
    /** `wheel ordinary`, `wheel look-alike`, `sdist ordinary`, `sdist look-alike`, and each alone by its `why` */
    readonly byFormat: Readonly<Record<string, FalseAlarms>>;
    readonly byGroup: Readonly<Record<string, FalseAlarms>>;
    readonly byWhy: Readonly<Record<string, FalseAlarms>>;
    readonly times: Readonly<Record<string, Times>>;
  };
}

/** A sample and what came of it. */
export interface Judged<S extends Sample = Sample> {
  readonly sample: S;
  readonly outcome: Outcome;
}

export function measure(judged: readonly Judged[]): Evaluation {
  const malicious = judged.filter((one): one is Judged<MaliciousSample> => one.sample.kind === 'malicious');
  const benign = judged.filter((one): one is Judged<BenignSample> => one.sample.kind === 'benign');
  return {
    ...(malicious.length === 0
      ? {}
      : {
          malicious: {
            all: measureRecall(malicious),
            byYear: mapGroups(malicious, ({ sample }) => sample.year, measureRecall),
            byPart: mapGroups(malicious, ({ sample }) => sample.part, measureRecall),
            byLabel: mapGroups(malicious, ({ sample }) => sample.label, measureRecall),
            times: measureTimes(malicious),
          },
        }),
    ...(benign.length === 0
      ? {}
      : {
          benign: {
            byFormat: mapGroups(benign, ({ sample }) => sample.format, measureFalseAlarms),
            byGroup: mapGroups(benign, ({ sample }) => `${sample.format} ${likeness(sample)}`, measureFalseAlarms),
            byWhy: mapGroups(benign, ({ sample }) => `${sample.format} ${sample.why}`, measureFalseAlarms),
            times: mapGroups(benign, ({ sample }) => sample.format, measureTimes),
          },
        }),
  };
}

function likeness(sample: BenignSample): string {
  return sample.why === 'ordinary' ? 'ordinary' : sample.why === 'unknown' ? 'unknown' : 'look-alike';
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) {
      groups.set(key(item), [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}

function mapGroups<T, R>(
  items: readonly T[],
  key: (item: T) => string,
  summarise: (group: readonly T[]) => R,
): Readonly<Record<string, R>> {
  const groups = [...groupBy(items, key)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(groups.map(([name, group]) => [name, summarise(group)]));
}

function rateIn<T>(items: readonly T[], matches: (item: T) => boolean): Rate {
  return rateOf(items.filter(matches).length, items.length);
}

function measureRecall(judged: readonly Judged<MaliciousSample>[]): Recall {
  const families = [...groupBy(judged, ({ sample }) => sample.family).values()];
  const caught = ({ outcome }: Judged): boolean => isCaught(outcome);
  const refused = ({ outcome }: Judged): boolean => outcome.verdict === 'refuse';
  const shares = families.map((family) => family.filter(caught).length / family.length);
  const asked = judged.filter(({ outcome }) => outcome.guarddog !== undefined);
  const askedFamilies = [...groupBy(asked, ({ sample }) => sample.family).values()];
  return {
    files: rateIn(judged, caught),
    refusedFiles: rateIn(judged, refused),
    filesByContent: rateIn(judged, (one) => caught(one) && !one.outcome.isContainerOnly),
    families: rateIn(families, (family) => family.some(caught)),
    refusedFamilies: rateIn(families, (family) => family.some(refused)),
    wholeFamilies: rateIn(families, (family) => family.every(caught)),
    familyMean: shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length),
    ...(asked.length === 0
      ? {}
      : {
          guarddogFiles: rateIn(asked, isFlaggedByGuarddog),
          guarddogFamilies: rateIn(askedFamilies, (family) => family.some(isFlaggedByGuarddog)),
        }),
  };
}

function isFlaggedByGuarddog({ outcome }: Judged): boolean {
  return (outcome.guarddog ?? 0) >= GUARDDOG_SUSPICIOUS;
}

function measureFalseAlarms(judged: readonly Judged<BenignSample>[]): FalseAlarms {
  const asked = judged.filter(({ outcome }) => outcome.guarddog !== undefined);
  return {
    refused: rateIn(judged, ({ outcome }) => outcome.verdict === 'refuse'),
    flagged: rateIn(judged, ({ outcome }) => isCaught(outcome)),
    ...(asked.length === 0 ? {} : { guarddog: rateIn(asked, isFlaggedByGuarddog) }),
  };
}

function measureTimes(judged: readonly Judged[]): Times {
  const times = judged.filter(({ outcome }) => outcome.verdict !== 'failed').map(({ outcome }) => outcome.elapsedMs);
  const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1_000;
  const bytes = judged.reduce((sum, { outcome }) => sum + outcome.pythonBytes, 0);
  return {
    p50Ms: quantileOf(times, 0.5),
    p99Ms: quantileOf(times, 0.99),
    maxMs: quantileOf(times, 1),
    pythonMegabytesPerSecond: seconds === 0 ? 0 : bytes / 1e6 / seconds,
  };
}
