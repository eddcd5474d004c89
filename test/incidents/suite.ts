// Owns: how a replay is examined: which rewrites are run, what is demanded, what is known to be missed.
// May import: the sibling files and vitest. Start here: examine.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Draft, original, type Replay, render } from './incident.ts';
import { inspectRelease } from './inspect.ts';
import { isKnownMiss, KNOWN_FALSE_ALARMS } from './known-misses.ts';
import { REWRITES } from './rewrites.ts';

/** REPLAYS=full runs every variant of every rewrite; without it each replay runs one variant of each of the ten. */
const IS_FULL = process.env['REPLAYS'] === 'full';

interface Variant {
  readonly id: string;
  readonly draft: () => Draft | undefined;
}

const groupOf = (id: string): string => id.split(':')[0] ?? id;

/** A number that is the same on every machine, so that a failing variant can be found again. */
const pick = (seed: string): number => createHash('sha256').update(seed).digest().readUInt32LE();

/** The variants of a replay that are run: `original`, and of each rewrite all variants or the one drawn for this replay. */
function* variantsOf(replay: Replay): Generator<Variant> {
  yield { id: 'original', draft: () => original(replay) };
  for (const group of new Set(REWRITES.map((rewrite) => groupOf(rewrite.id)))) {
    const variants = REWRITES.filter((rewrite) => groupOf(rewrite.id) === group);
    const from = pick(`${replay.id} ${group}`) % variants.length;
    const rotated = [...variants.slice(from), ...variants.slice(0, from)];
    for (const rewrite of rotated) {
      const draft = rewrite.apply(replay);
      if (draft === undefined) continue;
      yield { id: rewrite.id, draft: () => draft };
      if (!IS_FULL) break;
    }
  }
}

const allowed = async (release: Parameters<typeof inspectRelease>[0]): Promise<boolean> =>
  (await inspectRelease(release)).verdict.kind === 'allow';

/** Defines the tests of these replays: all versions of the attack are stopped, what it imitates and came from is served. */
export function examine(replays: readonly Replay[]): void {
  describe.each(replays.map((replay) => ({ id: replay.id, title: replay.title, replay })))(
    '$id $title',
    ({ replay }) => {
      test('is refused or quarantined, however it is rewritten', { timeout: 120_000 }, async () => {
        const run: string[] = [];
        const missed: string[] = [];
        for (const { id, draft } of variantsOf(replay)) {
          const release = draft();
          if (release === undefined) continue;
          run.push(id);
          if (await allowed(render(release))) missed.push(id);
        }

        // exact in both directions: a miss that is now caught has to leave the table
        expect(missed).toEqual(run.filter((id) => isKnownMiss(replay.id, id)));
      });

      const { predecessor } = replay;
      if (predecessor !== undefined) {
        test('the release before it is allowed', async () => {
          expect(await allowed(predecessor())).toBe(KNOWN_FALSE_ALARMS[`${replay.id} predecessor`] === undefined);
        });
      }

      for (const { why, release } of replay.lookAlikes()) {
        test(`${release.name} ${release.version} is allowed: ${why}`, async () => {
          expect(await allowed(release)).toBe(KNOWN_FALSE_ALARMS[release.name] === undefined);
        });
      }
    },
  );
}
