// Owns what makes a copy recognisable under another name: prints of modules and of the description. Start at codePrints.
// May import evidence and report. Comments, blanks and the project's own names do not count: they are what a copy changes.
import { createHash } from 'node:crypto';
import type { Evidence } from './evidence/evidence.ts';
import type { PlacedMember } from './evidence/layout.ts';

/** The largest modules say most; smaller ones than this are alike everywhere. */
const MAX_MODULES = 64;
const MAX_TEXT = 400_000;
const MAX_MODULE_BYTES = 120_000;
const MIN_MODULE_TEXT = 200;
const MAX_NAMES = 8;
const MIN_NAME = 3;
const MIN_LINE = 40;
const MAX_LINES = 12;
const MAX_DESCRIPTION = 200_000;

/** Local path → 16 hex digits of the module without names and comments, the largest first. */
export function codePrints(evidence: Evidence): Readonly<Record<string, string>> {
  const { layout, sources } = evidence;
  const own = ownNames(evidence);
  const modules = layout.members
    .filter((placed) => isModule(placed) && placed.member.sizeBytes <= MAX_MODULE_BYTES)
    .toSorted(largestFirst);
  const prints: Record<string, string> = {};
  let left = MAX_TEXT;
  for (const placed of modules.slice(0, MAX_MODULES)) {
    left -= placed.member.sizeBytes;
    if (left < 0) break;
    const text = sources.textOf(placed);
    const plain = text === undefined ? '' : withoutNames(withoutComments(text), own);
    if (plain.length >= MIN_MODULE_TEXT) prints[placed.local] = printOf(plain);
  }
  return prints;
}

/** Prints of the description's lines, the smallest twelve: two descriptions with many in common are one text. */
export function descriptionPrints(evidence: Evidence): readonly string[] {
  const { coreMetadata } = evidence.archive;
  if (coreMetadata === undefined) return [];
  const text = Buffer.from(coreMetadata.buffer, coreMetadata.byteOffset, coreMetadata.length)
    .toString('utf8')
    .slice(0, MAX_DESCRIPTION);
  const start = /\r?\n\r?\n/u.exec(text)?.index;
  if (start === undefined) return [];
  const own = ownNames(evidence);
  const lines = text.slice(start).split(/\r?\n/u).slice(0, 2_000);
  const plain = lines.map((line) => withoutNames(line.toLowerCase().replaceAll(/\s+/gu, ' ').trim(), own));
  const prints = new Set(plain.filter((line) => line.length >= MIN_LINE).map(printOf));
  return [...prints].sort().slice(0, MAX_LINES);
}

function largestFirst(a: PlacedMember, b: PlacedMember): number {
  if (a.member.sizeBytes !== b.member.sizeBytes) return b.member.sizeBytes - a.member.sizeBytes;
  return a.local < b.local ? -1 : 1;
}

function isModule({ role, local }: PlacedMember): boolean {
  return role === 'module' && local.endsWith('.py');
}

/** Names under which the archive speaks of itself: the project and its top modules. */
function ownNames({ layout }: Evidence): readonly string[] {
  const names = new Set<string>();
  const add = (name: string): void => {
    const plain = name.toLowerCase();
    if (plain.length >= MIN_NAME) for (const one of spellings(plain)) names.add(one);
  };
  add(layout.projectName);
  const tops = new Set<string>();
  for (const { local, role } of layout.members) {
    if (role !== 'module') continue;
    const root = layout.roots.find((one) => one !== '' && local.startsWith(one)) ?? '';
    const top = local.slice(root.length).split('/', 1)[0] ?? '';
    tops.add(top.replace(/\.py$/u, ''));
  }
  for (const top of [...tops].slice(0, MAX_NAMES)) add(top);
  return [...names].sort((a, b) => b.length - a.length);
}

function spellings(name: string): readonly string[] {
  return [name, name.replaceAll(/[-.]/gu, '_'), name.replaceAll(/[_.]/gu, '-'), name.replaceAll(/[-_.]/gu, '')];
}

/** A `#` in a string goes, too: what counts is that the same text gives the same print. */
function withoutComments(text: string): string {
  return text.toLowerCase().replaceAll(/(?:\s|#[^\n]*)+/gu, '');
}

function withoutNames(text: string, own: readonly string[]): string {
  return own.reduce((rest, name) => rest.replaceAll(name, '@'), text);
}

function printOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
