// Owns the reading of the administrator's policy file: whole and valid, or a list of what is wrong and where. Pure.
// May import pypi, entry.ts, yaml and zod. Start at parsePolicyFile. config/policy.yaml shows every key.
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { parseProjectName, parseSha256, parseUpstreamId } from '../pypi/names.ts';
import { parseSpecifier } from '../pypi/specifier.ts';
import { findNearest } from './edit-distance.ts';
import type { CooldownRule, PolicyEntry } from './entry.ts';
import { parseMoment } from './parse-time.ts';

/** What a policy file says. */
export interface PolicyFile {
  readonly entries: readonly PolicyEntry[];
  /** come after those of the configuration, so that they win a tie */
  readonly cooldown: readonly CooldownRule[];
}

export interface PolicyProblem {
  /** 1-based */
  readonly line: number;
  /** what is wrong and what would be right */
  readonly message: string;
}

export type ParsedPolicyFile =
  | { readonly kind: 'ok'; readonly policy: PolicyFile }
  | { readonly kind: 'broken'; readonly problems: readonly PolicyProblem[] };

const MAX_PROBLEMS = 20;

/** Text that `parse` must be able to read. */
function readAs<T>(parse: (text: string) => T | undefined, what: string): z.ZodType<T> {
  const error: z.core.$ZodErrorMap = ({ input }) =>
    input === undefined ? 'is missing' : 'must be text: put it in quotes';
  return z.string({ error }).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `is not ${what}` });
    return z.NEVER;
  });
}

const specifierText = (text: string): string | undefined =>
  text.trim() !== '' && parseSpecifier(text) !== undefined ? text.trim() : undefined;
const filenameText = (text: string): string | undefined =>
  text !== '' && text.length <= 300 && !/[/\\]/u.test(text) ? text : undefined;
const plainText = (text: string): string | undefined =>
  text.trim() !== '' && text.length <= 500 ? text.trim() : undefined;
const patternText = (text: string): string | undefined =>
  /^[A-Za-z0-9*]([A-Za-z0-9._*-]*[A-Za-z0-9*])?$/u.test(text) ? text.toLowerCase().replace(/[-_.]+/gu, '-') : undefined;

const hours = z
  .number({ error: 'must be a number of hours' })
  .min(0)
  .max(24 * 366);

const entrySchema = z.strictObject({
  effect: z.enum(['allow', 'deny'], { error: 'must be allow or deny' }),
  project: readAs(parseProjectName, 'a project name').optional(),
  version: readAs(specifierText, 'a version specifier such as "==1.2" or ">=1,<2"').optional(),
  filename: readAs(filenameText, 'a filename, or a pattern with *').optional(),
  sha256: readAs(parseSha256, 'a sha256 of 64 hex digits').optional(),
  upstream: readAs(parseUpstreamId, 'the id of an upstream').optional(),
  final: z.boolean({ error: 'must be true or false' }).default(false),
  reason: readAs(plainText, 'a reason: say why, in at most 500 characters'),
  author: readAs(plainText, 'a name').optional(),
  created: readAs(parseMoment, 'a date such as 2026-04-01, or a UTC time such as 2026-04-01T12:00Z').optional(),
  expires: readAs(parseMoment, 'a date such as 2026-04-01, or a UTC time such as 2026-04-01T12:00Z').optional(),
});
type WrittenEntry = z.infer<typeof entrySchema>;

const fileSchema = z.strictObject({
  entries: z.array(entrySchema.superRefine(checkScope), { error: 'must be a list' }).nullish(),
  cooldown: z
    .array(
      z.strictObject({
        project: readAs(patternText, 'a project name, or a pattern with *'),
        newProjectHours: hours.default(0),
        newReleaseHours: hours.default(0),
      }),
      { error: 'must be a list' },
    )
    .nullish(),
});

const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': ['entries', 'cooldown'],
  entries: Object.keys(entrySchema.shape),
  cooldown: ['project', 'newProjectHours', 'newReleaseHours'],
};

function checkScope(entry: WrittenEntry, context: z.RefinementCtx): void {
  const complain = (message: string, key?: string): void => {
    context.addIssue({ code: 'custom', message, path: key === undefined ? [] : [key] });
  };
  const { project, version, filename, sha256, upstream } = entry;
  if ([project, version, filename, sha256, upstream].every((condition) => condition === undefined)) {
    complain('an entry needs a project, a filename, a sha256 or an upstream');
  }
  if (version !== undefined && project === undefined) complain('needs a project', 'version');
  if (filename !== undefined && project === undefined && sha256 === undefined) {
    complain('needs a project or a sha256', 'filename');
  }
  if (entry.final && entry.effect === 'allow') complain('only a deny can be final', 'final');
  if (entry.created !== undefined && entry.expires !== undefined && entry.expires <= entry.created) {
    complain('must be later than created', 'expires');
  }
}

/**
 * Reads a policy file. It is valid as a whole or not at all: a half-read policy would be another policy.
 *
 * @param createdAt creation time of entries that give none (UTC ms), e.g. when the file was last written
 * @returns at most 20 problems, in the order of the file
 */
export function parsePolicyFile(text: string, createdAt: number): ParsedPolicyFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      line: lines.linePos(error.pos[0]).line,
      message: describeYamlError(error, text),
    }));
    return { kind: 'broken', problems: problems.slice(0, MAX_PROBLEMS) };
  }
  const read = toValue(document);
  if (read === undefined) {
    return {
      kind: 'broken',
      problems: [{ line: 1, message: 'YAML aliases (&name, *name) are not followed: write it out' }],
    };
  }
  const parsed = fileSchema.safeParse(read.value);
  if (parsed.success) return { kind: 'ok', policy: toPolicyFile(parsed.data, createdAt) };
  const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, document, lines));
  problems.sort((a, b) => a.line - b.line);
  return { kind: 'broken', problems: problems.slice(0, MAX_PROBLEMS) };
}

/** The parser does not say which key is there twice. */
function describeYamlError({ code, message, pos }: Document['errors'][number], text: string): string {
  const key = /^[\w-]{1,40}/u.exec(text.slice(pos[0]))?.[0];
  return code === 'DUPLICATE_KEY' && key !== undefined
    ? `${key} is there twice in one place: keep one of them`
    : message;
}

/** Aliases are not followed: a few lines of them can mean billions. */
function toValue(document: Document): { readonly value: unknown } | undefined {
  try {
    return { value: (document.toJS({ maxAliasCount: 0 }) as unknown) ?? {} };
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function toPolicyFile(written: z.infer<typeof fileSchema>, createdAt: number): PolicyFile {
  const entries = (written.entries ?? []).map(
    ({ effect, final, reason, author, created, expires, ...scope }, index): PolicyEntry => ({
      id: `file:${index + 1}`,
      home: 'policy-file',
      effect,
      final,
      scope: dropUndefined(scope),
      reason,
      author: author ?? 'policy file',
      createdAt: created ?? createdAt,
      ...(expires === undefined ? {} : { expiresAt: expires }),
    }),
  );
  return { entries, cooldown: written.cooldown ?? [] };
}

function dropUndefined(
  scope: Pick<WrittenEntry, 'project' | 'version' | 'filename' | 'sha256' | 'upstream'>,
): PolicyEntry['scope'] {
  return Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== undefined));
}

function describeIssue(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): readonly PolicyProblem[] {
  const place = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      line: findLine([...place, key], document, lines),
      message: `${nameOf([...place, key])}: unknown key${suggest(key, KNOWN_KEYS[place[0] ?? ''] ?? [])}`,
    }));
  }
  const subject = place.length === 0 ? '' : `${nameOf(place)}: `;
  return [{ line: findLine(place, document, lines), message: `${subject}${issue.message}` }];
}

function suggest(key: string, known: readonly string[]): string {
  const nearest = findNearest(key, known);
  return nearest === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${nearest}?`;
}

/** `entries[2].version`, counted from 1 as a person counts. */
function nameOf(place: readonly string[]): string {
  return place
    .map((part) => (/^\d+$/u.test(part) ? `[${Number(part) + 1}]` : `.${part}`))
    .join('')
    .replace(/^\./u, '');
}

/** The line of a value; where it is absent, of what should hold it. */
function findLine(place: readonly string[], document: Document, lines: LineCounter): number {
  for (let length = place.length; length >= 0; length--) {
    const path = place.slice(0, length).map((part) => (/^\d+$/u.test(part) ? Number(part) : part));
    const node: unknown = length === 0 ? document.contents : document.getIn(path, true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
