// Owns: writing tar archives for tests, correct by default and wrong on request.
// May import: make-zip.ts for the content type. No I/O; the same input always gives the same bytes.
// Start here: makeTar.
import { contentBytes, type MemberContent } from './make-zip.ts';

/** One tar member; a plain file unless `type` says otherwise. */
export interface TarMember {
  readonly name: string;
  readonly content?: MemberContent;
  /** ustar type flag: `0` file, `1` hard link, `2` symbolic link, `3` `4` devices, `5` folder, `6` FIFO */
  readonly type?: string;
  readonly linkName?: string;
  /** default 0o644, folders 0o755 */
  readonly mode?: number;
  /** records of a pax header before the member, e.g. `{ path: 'a/b' }`; long names get theirs without asking */
  readonly pax?: Readonly<Record<string, string>>;
  /** size written instead of the true one */
  readonly claimedSizeBytes?: number;
  /** checksum written instead of the true one */
  readonly checksum?: number;
  /** 8 bytes of magic and version; default `ustar\0` `00` */
  readonly magic?: string;
}

const BLOCK = 512;
/** 2020-01-01 00:00:00 UTC, seconds. */
const MTIME = 1_577_836_800;

/** Writes a POSIX (ustar, pax where needed) tar archive, closed by two zero blocks. */
export function makeTar(members: readonly TarMember[]): Uint8Array {
  const blocks: Buffer[] = [];
  for (const member of members) {
    const pax = paxRecords(member);
    if (pax !== undefined) blocks.push(record({ name: 'PaxHeaders/member', content: pax, type: 'x' }));
    blocks.push(record(member));
  }
  blocks.push(Buffer.alloc(2 * BLOCK));
  return new Uint8Array(Buffer.concat(blocks));
}

function record(member: TarMember): Buffer {
  const content = contentBytes(member.content ?? '');
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header(member, content.length), content, padding]);
}

function header(member: TarMember, sizeBytes: number): Buffer {
  const type = member.type ?? '0';
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitName(member.name);
  block.write(name, 0, 100, 'utf8');
  writeOctal(block, 100, 8, member.mode ?? (type === '5' ? 0o755 : 0o644));
  writeOctal(block, 108, 8, 0);
  writeOctal(block, 116, 8, 0);
  writeOctal(block, 124, 12, member.claimedSizeBytes ?? sizeBytes);
  writeOctal(block, 136, 12, MTIME);
  block.write('        ', 148, 8, 'latin1');
  block.write(type, 156, 1, 'latin1');
  block.write(member.linkName ?? '', 157, 100, 'utf8');
  block.write(member.magic ?? 'ustar\x0000', 257, 8, 'latin1');
  block.write(prefix, 345, 155, 'utf8');
  const sum = member.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

function writeOctal(block: Buffer, at: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, width, 'latin1');
}

/** ustar gives a name 100 bytes and a prefix 155; what fits neither is truncated here and told in full by pax. */
function splitName(full: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(full) <= 100) return { name: full, prefix: '' };
  for (let at = full.indexOf('/'); at !== -1; at = full.indexOf('/', at + 1)) {
    const name = full.slice(at + 1);
    const prefix = full.slice(0, at);
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  return { name: full.slice(0, 100), prefix: '' };
}

function paxRecords(member: TarMember): string | undefined {
  const records: Record<string, string> = { ...member.pax };
  const { name, prefix } = splitName(member.name);
  const fits = (prefix === '' ? name : `${prefix}/${name}`) === member.name;
  if (!fits) records['path'] ??= member.name;
  if (Buffer.byteLength(member.linkName ?? '') > 100) records['linkpath'] ??= member.linkName ?? '';
  const lines = Object.entries(records).map(([key, value]) => paxLine(key, value));
  return lines.length === 0 ? undefined : lines.join('');
}

/** `<length> key=value\n`, where the length counts itself. */
function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + 1;
  while (String(length).length + restBytes !== length) length = String(length).length + restBytes;
  return `${length}${rest}`;
}
