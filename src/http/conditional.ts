// Owns conditional and range requests (RFC 9110 §13, §14). Pure. Start at parseRange and matchesEtag.
import type { ByteRange } from '../ports/blob-store.ts';

const MAX_HEADER = 4096;

/** Says whether an If-None-Match header names this entity tag; weak comparison, `*` matches everything. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > MAX_HEADER) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const tags = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag.replace(/^W\//, '') === etag);
}

export type RangeAnswer =
  /** the whole file: no range, one that we do not understand, several, or a validator that does not match */
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** 416 */
  | { readonly kind: 'unsatisfiable' };

/**
 * Reads `Range: bytes=…`: one range, open-ended (`5-`) or a suffix (`-500`).
 *
 * @param ifRange applies the range only when it is this strong entity tag; a date never matches, for we send none
 */
export function parseRange(
  header: string | undefined,
  ifRange: string | undefined,
  etag: string,
  sizeBytes: number,
): RangeAnswer {
  const match = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header ?? '');
  if (match === null || (ifRange !== undefined && ifRange.trim() !== etag)) return { kind: 'whole' };
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0
      ? { kind: 'unsatisfiable' }
      : { kind: 'part', range: { start: sizeBytes - length, end: sizeBytes - 1 } };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' }; // not a range at all
  return start >= sizeBytes ? { kind: 'unsatisfiable' } : { kind: 'part', range: { start, end } };
}
