// Owns which popular project a name looks like. Pure. Start at findLookalike. A look-alike name is no proof of anything:
// one name in ten of honest young projects is close to a popular one, so it weighs only together with content.
import { z } from 'zod';
import type { ProjectName } from '../pypi/model.ts';
import { parseProjectName } from '../pypi/names.ts';
import { editDistance } from './edit-distance.ts';

export type Confusion = 'separator' | 'affix' | 'word-order' | 'homoglyph' | 'typo';

export interface Lookalike {
  readonly popular: ProjectName;
  readonly confusion: Confusion;
}

/** Popular projects, prepared for comparison. */
export interface PopularNames {
  readonly names: ReadonlySet<string>;
  /** form → the popular name that has it, per way of confusion */
  readonly byForm: ReadonlyMap<Confusion, ReadonlyMap<string, string>>;
}

/** Shorter names have too many honest neighbours. */
const MIN_TYPO_LENGTH = 5;
const MIN_TWO_TYPOS_LENGTH = 10;
const MIN_FORM_LENGTH = 4;
/** Words that make `requests` into `python-requests` or `requests2`. */
const AFFIXES = [
  'python',
  'py',
  'py3',
  'python3',
  'lib',
  'dev',
  'official',
  'real',
  'fixed',
  'fix',
  'patched',
  'latest',
  'new',
  'pro',
  'plus',
  'update',
  'updated',
  '2',
  '3',
];
const HOMOGLYPHS: readonly (readonly [RegExp, string])[] = [
  [/0/gu, 'o'],
  [/[1i|]/gu, 'l'],
  [/5/gu, 's'],
  [/3/gu, 'e'],
  [/rn/gu, 'm'],
  [/vv/gu, 'w'],
  [/uu/gu, 'w'],
];

/** How a name looks when the confusion is undone; two names with one form are confused that way. */
const FORMS: Readonly<Record<Exclude<Confusion, 'typo'>, (name: string) => string>> = {
  separator: (name) => name.replaceAll('-', ''),
  affix: withoutAffixes,
  'word-order': (name) => name.split('-').sort().join('-'),
  homoglyph: (name) => HOMOGLYPHS.reduce((text, [from, to]) => text.replace(from, to), name.replaceAll('-', '')),
};
const FORM_ORDER = ['separator', 'word-order', 'homoglyph', 'affix'] as const;

/**
 * Reads a list of popular projects.
 *
 * @param text one name a line, `#` begins a comment; or JSON as the public lists of most downloaded projects have it:
 *   `{"rows": [{"project": "boto3"}, …]}`
 */
export function parsePopularNames(text: string): PopularNames {
  const names = new Set(listNames(text).flatMap((name) => parseProjectName(name.trim()) ?? []));
  const byForm = new Map(
    FORM_ORDER.map((confusion) => {
      const forms = new Map<string, string>();
      for (const name of names) {
        const form = FORMS[confusion](name);
        if (form.length >= MIN_FORM_LENGTH && !forms.has(form)) forms.set(form, name);
      }
      return [confusion, forms] as const;
    }),
  );
  return { names, byForm };
}

const ROWS = z.object({ rows: z.array(z.object({ project: z.string() })) });

function listNames(text: string): readonly string[] {
  if (!text.trimStart().startsWith('{')) return text.split('\n').map((line) => line.replace(/#.*/u, ''));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return []; // neither of the two: no names
  }
  const known = ROWS.safeParse(parsed);
  return known.success ? known.data.rows.map(({ project }) => project) : [];
}

/** The popular project that a name can be taken for; undefined: none, or it is one itself. */
export function findLookalike(name: ProjectName, popular: PopularNames): Lookalike | undefined {
  if (popular.names.has(name)) return undefined;
  for (const confusion of FORM_ORDER) {
    const found = popular.byForm.get(confusion)?.get(FORMS[confusion](name));
    if (found !== undefined) return { popular: found as ProjectName, confusion };
  }
  return findTypo(name, popular.names);
}

function findTypo(name: string, names: ReadonlySet<string>): Lookalike | undefined {
  if (name.length < MIN_TYPO_LENGTH) return undefined;
  let best: { readonly popular: string; readonly distance: number } | undefined;
  for (const popular of names) {
    if (popular.length < MIN_TYPO_LENGTH) continue;
    const limit = Math.min(name.length, popular.length) >= MIN_TWO_TYPOS_LENGTH ? 2 : 1;
    const distance = editDistance(name, popular, limit);
    if (distance <= limit && distance < (best?.distance ?? 3)) best = { popular, distance };
  }
  return best === undefined ? undefined : { popular: best.popular as ProjectName, confusion: 'typo' };
}

function withoutAffixes(name: string): string {
  let words = name.split('-');
  while (words.length > 1 && AFFIXES.includes(words[0] ?? '')) words = words.slice(1);
  while (words.length > 1 && AFFIXES.includes(words.at(-1) ?? '')) words = words.slice(0, -1);
  return words.join('-').replace(/(?<=[a-z])[23]$/u, '');
}
