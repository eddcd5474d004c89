// Owns the reading of one OSV record: which PyPI releases it calls malicious. Pure. Start at parseOsvRecord.
// @see https://ossf.github.io/osv-schema/
import { z } from 'zod';
import type { AffectedRange, FeedRecord } from '../policy/facts.ts';
import { parseProjectName } from '../pypi/names.ts';
import { normaliseVersion } from '../pypi/version.ts';

const eventSchema = z.object({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
});
const recordSchema = z.object({
  id: z.string().max(100),
  modified: z.string(),
  withdrawn: z.string().nullish(),
  summary: z.string().nullish(),
  details: z.string().nullish(),
  affected: z
    .array(
      z.object({
        package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
        versions: z.array(z.string()).nullish(),
        ranges: z.array(z.object({ type: z.string(), events: z.array(eventSchema) })).nullish(),
      }),
    )
    .nullish(),
});
type Affected = NonNullable<z.infer<typeof recordSchema>['affected']>[number];

const MAX_SUMMARY_LENGTH = 200;

/** Says whether a member of the archive can hold a record of a malicious package. */
export function isMalwareRecordName(name: string): boolean {
  return /^(?:.*\/)?MAL-[\w-]+\.json$/u.test(name);
}

/**
 * Reads a record.
 *
 * Where it lists versions, those and no others are meant: a compromised release must not take its project with it. Where it
 * gives nothing but `introduced: "0"`, the whole project is malicious.
 *
 * @returns one feed record per PyPI project it affects; none for a withdrawn record and for other kinds than `MAL-`;
 *   undefined when it cannot be read
 */
export function parseOsvRecord(json: unknown): readonly FeedRecord[] | undefined {
  const parsed = recordSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { id, withdrawn, affected } = parsed.data;
  if (!id.startsWith('MAL-') || (withdrawn ?? '') !== '') return [];
  const { summary, details, modified } = parsed.data;
  const modifiedAt = Date.parse(modified);
  return (affected ?? []).flatMap((one) => {
    const project = isPyPi(one) ? parseProjectName(one.package?.name ?? '') : undefined;
    if (project === undefined) return [];
    return {
      id,
      project,
      ...toReleases(one),
      summary: clip(summary ?? details?.split('\n', 1)[0] ?? ''),
      modifiedAt: Number.isNaN(modifiedAt) ? 0 : modifiedAt,
    };
  });
}

function isPyPi({ package: affected }: Affected): boolean {
  return affected?.ecosystem.split(':', 1)[0] === 'PyPI';
}

function toReleases({ versions, ranges }: Affected): Pick<FeedRecord, 'versions' | 'ranges'> {
  if (versions !== null && versions !== undefined && versions.length > 0) {
    return { versions: [...new Set(versions.map((version) => normaliseVersion(version) ?? version))] };
  }
  const spans = (ranges ?? []).filter(({ type }) => type === 'ECOSYSTEM').flatMap(({ events }) => toSpans(events));
  const isEverything = spans.some(
    ({ introduced, fixed, lastAffected }) => introduced === '0' && fixed === undefined && lastAffected === undefined,
  );
  return spans.length === 0 || isEverything ? {} : { ranges: spans };
}

/** Events come in order: each `introduced` opens a span that the next `fixed` or `last_affected` closes. */
function toSpans(events: readonly z.infer<typeof eventSchema>[]): readonly AffectedRange[] {
  const spans: AffectedRange[] = [];
  let introduced: string | undefined;
  for (const event of events) {
    if (event.introduced !== undefined) {
      if (introduced !== undefined) spans.push({ introduced });
      introduced = event.introduced;
    } else if (introduced !== undefined) {
      const { fixed, last_affected: lastAffected } = event;
      if (fixed === undefined && lastAffected === undefined) continue;
      spans.push({
        introduced,
        ...(fixed === undefined ? {} : { fixed }),
        ...(lastAffected === undefined ? {} : { lastAffected }),
      });
      introduced = undefined;
    }
  }
  if (introduced !== undefined) spans.push({ introduced });
  return spans;
}

function clip(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length <= MAX_SUMMARY_LENGTH ? line : `${line.slice(0, MAX_SUMMARY_LENGTH - 1)}…`;
}
