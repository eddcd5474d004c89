import type { AnomalyLog } from './anomalies.ts';
import type { Member } from './archive.ts';
import { findDistInfo, topFolders } from './core-metadata.ts';
import { isExecutable } from './member-kind.ts';

const RECORD_BYTES = 32 * 2 ** 20;
/** never listed with a hash: they are written after RECORD, or are RECORD itself */
const UNLISTED = new Set(['RECORD', 'RECORD.jws', 'RECORD.p7s']);

/** One line of RECORD: `path,algorithm=digest,size`. */
export interface RecordRow {
  readonly path: string;
  /** e.g. `sha256=<urlsafe base64 without padding>`; empty for a file without hash */
  readonly hash: string;
}

/** Parses RECORD as Python's csv module does (RFC 4180 quoting, rows of any length). Never throws. */
export function parseRecord(text: string): readonly RecordRow[] {
  const rows: RecordRow[] = [];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/uy;
  let row: string[] = [];
  while (cells.lastIndex < text.length) {
    const match = cells.exec(text);
    if (match === null) {
      break; // a stray quote: what follows is not listed, and so reported
    }
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') {
      if (row[0] !== undefined && row[0] !== '') {
        rows.push({ path: row[0], hash: row[1] ?? '' });
      }
      row = [];
    }
  }
  return rows;
}

/**
 * Compares a wheel's RECORD with its members. Installers install every member whether it is listed or not and check no hash,
 * so a difference changes nothing for them: it tells that somebody changed the wheel after it was built.
 */
export function inspectRecord(members: readonly Member[], filename: string, log: AnomalyLog): void {
  const folders = topFolders(members, '.dist-info');
  const folder = findDistInfo(members, filename);
  if (folder === undefined) {
    log.add('wheel-no-dist-info', '');
    return;
  }
  if (folders.length > 1) {
    log.add('wheel-two-dist-infos', '', folders.join(', '));
  }
  const record = members.findLast(({ path }) => path === `${folder}/RECORD`);
  if (record === undefined || record.sizeBytes > RECORD_BYTES) {
    log.add('record-missing', '');
    return;
  }
  const rows = parseRecord(Buffer.from(record.read()).toString('utf8'));
  compareRecord(rows, members, folder, log);
}

function compareRecord(rows: readonly RecordRow[], members: readonly Member[], folder: string, log: AnomalyLog): void {
  const listed = new Map(rows.map((row) => [row.path.replace(/^\.\//u, ''), row.hash]));
  for (const member of members) {
    const hash = listed.get(member.path);
    listed.delete(member.path);
    if (member.path.startsWith(`${folder}/`) && UNLISTED.has(member.path.slice(folder.length + 1))) {
      continue;
    }
    if (hash === undefined) {
      log.add(isExecutable(member.path) ? 'record-unlisted-code' : 'record-unlisted', member.path);
    } else if (hash.startsWith('sha256=') && !isDigestOf(hash.slice(7), member.sha256)) {
      log.add(isExecutable(member.path) ? 'record-differs-code' : 'record-differs', member.path);
    } else if (!/^sha(?:256|384|512)=/u.test(hash)) {
      log.add('record-weak', member.path);
    }
  }
  for (const path of listed.keys()) {
    log.add('record-absent', path);
  }
}

/** Base64 without padding, as the standard has it, or hexadecimal, as some releases of uv_build wrote it. */
function isDigestOf(written: string, hex: string): boolean {
  return written.replace(/=+$/u, '') === Buffer.from(hex, 'hex').toString('base64url') || written === hex;
}
