import type { AnomalyLog } from './anomalies.ts';
import { decodeTarText } from './tar-header.ts';

/** What a PAX header may change about the next member, as far as it matters here. */
export interface PaxOverrides {
  readonly path?: string;
  readonly linkPath?: string;
  readonly sizeBytes?: number;
}

const INTERESTING = new Set(['path', 'linkpath', 'size', 'hdrcharset']);
const RECORD_START = /^(\d{1,10}) ([^=\n]+)=$/u;

/**
 * Parses the records `<length> <key>=<value>\n` of a PAX header. Anything but whole, well-formed records that name each key
 * once is ambiguous: readers differ in what they skip.
 *
 * @param isGlobal the header counts for all later members; only comments and times are harmless there
 */
export function parsePax(content: Uint8Array, isGlobal: boolean, log: AnomalyLog): PaxOverrides {
  const found = new Map<string, string>();
  let at = 0;
  while (at < content.length && content[at] !== 0) {
    const record = readRecord(content, at);
    if (record === undefined) {
      log.add('pax-malformed', '');
      break;
    }
    const { key, value, length } = record;
    if (INTERESTING.has(key) && found.has(key)) {
      log.add('pax-twice', '', key);
    }
    inspectKey(key, isGlobal, log);
    found.set(key, value);
    at += length;
  }
  if (content.subarray(at).some((byte) => byte !== 0)) {
    log.add('pax-malformed', '');
  }
  return toOverrides(found, log);
}

function readRecord(
  content: Uint8Array,
  at: number,
): { readonly key: string; readonly value: string; readonly length: number } | undefined {
  const equals = content.indexOf(0x3d, at);
  const match = equals < 0 ? null : RECORD_START.exec(Buffer.from(content.subarray(at, equals + 1)).toString('latin1'));
  const length = Number(match?.[1] ?? 0);
  const end = at + length;
  const [, digits = '', key = ''] = match ?? [];
  if (length === 0 || digits.startsWith('0') || end > content.length || end <= equals || content[end - 1] !== 0x0a) {
    return undefined;
  }
  return { key, value: decodeTarText(content.subarray(equals + 1, end - 1)), length };
}

function inspectKey(key: string, isGlobal: boolean, log: AnomalyLog): void {
  if (isGlobal && INTERESTING.has(key)) {
    log.add('pax-global', '', key);
  }
  if (key.startsWith('GNU.sparse.')) {
    log.add('tar-sparse', '');
  }
  if (key === 'hdrcharset') {
    log.add('pax-charset', '');
  }
}

function toOverrides(found: ReadonlyMap<string, string>, log: AnomalyLog): PaxOverrides {
  const path = found.get('path');
  const linkPath = found.get('linkpath');
  const size = found.get('size');
  if (size !== undefined && !/^\d{1,15}$/u.test(size)) {
    log.add('pax-malformed', path ?? '');
  }
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined || !/^\d{1,15}$/u.test(size) ? {} : { sizeBytes: Number(size) }),
  };
}
