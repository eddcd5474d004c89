// Owns which member of the archive a path in the program means. May import layout and python. Start at bundledIn.
import { BudgetError } from '../archive/archive.ts';
import { wordsOf } from '../python/flow/commands.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL, type Origin } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { optionsOf, taintOf, type Value } from '../python/flow/value.ts';
import type { Layout, PlacedMember } from './layout.ts';

/** Ways to name the folder of the running code, as holes of a text. */
const HERE = /^‹[^›]*(?:here|files|resource|__path__|spec|loader|module|_file|abspath|dirname|resolve|parent)[^›]*›/;
const MAX_TEXTS = 24;
const MAX_PATH = 400;

/**
 * The member that a path means in code of the member `from` (a path as evidence names it). A path that is given whole is
 * looked up beside that member first; one whose beginning is not known, by its end.
 */
export function bundledAt(layout: Layout, path: string, from: string): PlacedMember | undefined {
  if (path.length > MAX_PATH || path.includes('://') || path.startsWith('%') || path.startsWith('~')) return undefined;
  const isHere = HERE.test(path);
  if (!isHere && (path.startsWith('/') || /^[a-z]:[\\/]/i.test(path))) return undefined;
  const clean = path
    .replace(HERE, '')
    // rundll32 is told the entry point behind a comma
    .replace(/(\.(?:dll|dat|ocx|cpl)),#?\w{1,60}$/i, '$1')
    .replaceAll('\\', '/')
    .replace(/^\/+/, '')
    .replace(/^(?:\.\/)+/, '');
  // One bare word is a program of the system, not a member.
  if (clean === '' || clean.includes('‹') || (!isHere && !/[./]/.test(clean))) return undefined;
  const member = from.replace(/[#!].*$/, '');
  const placed = layout.byPath.get(member) ?? layout.members.find((m) => m.path === member);
  const local = placed?.local ?? member;
  const folder = local.slice(0, local.lastIndexOf('/') + 1);
  const direct = layout.byPath.get(normal(folder + clean)) ?? layout.byPath.get(normal(clean));
  if (direct !== undefined) return direct;
  const end = normal(clean);
  if (end === '' || (!isHere && !end.includes('/'))) return undefined;
  const matches = layout.members.filter((m) => m.local.endsWith(`/${end}`));
  return matches.length === 1 ? matches[0] : undefined;
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Members that an event's arguments name: as a path, as a word of a command, or as the file that a value was read from. */
export function bundledIn(layout: Layout, event: CallEvent): PlacedMember[] {
  const values = event.sink === 'process' ? wordsOf(event.name, event.args, event.keywords) : [];
  const given = [...values, ...event.args, ...event.keywords.values()];
  const found = new Set<PlacedMember>();
  let texts = 0;
  for (const value of given)
    for (const text of textsOf(value)) {
      if (texts++ > MAX_TEXTS) return [...found];
      const placed = bundledAt(layout, text, event.site.unit.path);
      if (placed !== undefined) found.add(placed);
    }
  for (const value of given) for (const placed of bundledSources(layout, value)) found.add(placed);
  return [...found];
}

function textsOf(value: Value): string[] {
  if (value.kind === 'sequence') return value.elements.slice(0, 8).flatMap((e) => optionsOf(e).map((o) => textOf(o)));
  if (value.kind === 'dict' || value.kind === 'bytes') return [];
  return optionsOf(value).map((o) => textOf(o));
}

/** Members whose content went into a value. */
export function bundledSources(layout: Layout, value: Value): PlacedMember[] {
  const taint = taintOf(value);
  if ((taint.bits & LABEL.ownFile) === 0) return [];
  return taint.origins.map((origin) => memberRead(layout, origin)).filter((placed) => placed !== undefined);
}

/** The member that data was read from; undefined: from none of the archive, or from one that is not known. */
export function memberRead(layout: Layout, { label, text, path }: Origin): PlacedMember | undefined {
  if (label !== LABEL.ownFile) return undefined;
  return bundledAt(layout, text, path) ?? bundledAt(layout, `‹here›/${text}`, path);
}

/** The bytes of a member; undefined when there are too many of them. */
export function bytesOf(placed: PlacedMember, maxBytes: number): Buffer | undefined {
  if (placed.member.sizeBytes > maxBytes) return undefined;
  try {
    const bytes = placed.member.read();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    return undefined;
  }
}

const MAX_READABLE = 2_000_000;
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]/;

/** Text that anybody can read as it lies in the archive, whatever its name ends in. */
export function isReadable(placed: PlacedMember): boolean {
  const text = bytesOf(placed, MAX_READABLE)?.toString('utf8');
  return text !== undefined && !CONTROL.test(text);
}

const ASIDE = /(?:^|_)(?:tests?|testing)$|^(?:test_?data|fixtures?|docs?|examples?|samples?|benchmarks?)$/i;

/** Files for tests, examples and documents, which nothing imports. */
export function isAside(placed: PlacedMember): boolean {
  return (
    placed.role === 'test' ||
    placed.local
      .split('/')
      .slice(0, -1)
      .some((part) => ASIDE.test(part))
  );
}
