// Owns: wheels for tests: valid by default, with hooks for everything a hostile writer may do.
// May import: make-zip.ts, core-metadata.ts, node:crypto. No I/O; the same input always gives the same bytes.
// Start here: makeWheel; wheelFilename names what it made.
import { createHash } from 'node:crypto';
import { type MetadataOption, metadataText } from './core-metadata.ts';
import { contentBytes, type MemberContent, makeZip, type ZipMember, type ZipOptions } from './make-zip.ts';

/** Member path → content. `*.dist-info/` and `*.data/` at the start stand for this wheel's own folders. */
export type FileMap = Readonly<Record<string, MemberContent>>;

export interface WheelOptions {
  /** default: the first top-level package or module of the files */
  readonly name?: string;
  /** default `1.0.0` */
  readonly version?: string;
  /** default `py3-none-any` */
  readonly tag?: string;
  readonly metadata?: MetadataOption;
  /** body of METADATA */
  readonly description?: string;
  /** text of entry_points.txt */
  readonly entryPoints?: string;
  /**
   * `correct` (default): every member with its sha256; `none`: no RECORD; `wrong-hash`: digests of other bytes;
   * `missing-files`: only the dist-info members are listed; a string is written as it is
   */
  readonly record?: 'correct' | 'none' | 'wrong-hash' | 'missing-files' | (string & {});
  /** last look at the members, RECORD included, before the zip is written */
  readonly editMembers?: (members: readonly ZipMember[]) => readonly ZipMember[];
  /** prefix, suffix, comment and other properties of the zip itself */
  readonly zip?: ZipOptions;
}

/** Bytes of a valid wheel (WHEEL, METADATA, RECORD) with these files. @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
export function makeWheel(files: FileMap, options: WheelOptions = {}): Uint8Array {
  const identity = wheelIdentity(files, options);
  const distInfo = `${identity.stem}.dist-info`;
  const defaults: Record<string, MemberContent> = {
    [`${distInfo}/METADATA`]: metadataText(identity.name, identity.version, options.metadata, options.description),
    [`${distInfo}/WHEEL`]: wheelText(identity.tag),
    ...(options.entryPoints === undefined ? {} : { [`${distInfo}/entry_points.txt`]: options.entryPoints }),
  };
  const given = Object.fromEntries(
    Object.entries(files).map(([path, content]) => [expandPath(path, identity.stem), content]),
  );
  const members: ZipMember[] = Object.entries({ ...given, ...defaults, ...given }).map(([name, content]) => ({
    name,
    content,
    // pip makes a script executable only when the zip says that it is
    ...(name.startsWith(`${identity.stem}.data/scripts/`) ? { mode: 0o100755 } : {}),
  }));

  const recordPath = `${distInfo}/RECORD`;
  if (options.record !== 'none' && given[recordPath] === undefined) {
    members.push({ name: recordPath, content: recordText(members, recordPath, options.record ?? 'correct') });
  }
  return makeZip(options.editMembers?.(members) ?? members, options.zip);
}

/** Filename of the wheel that makeWheel makes of the same arguments. */
export function wheelFilename(files: FileMap, options: WheelOptions = {}): string {
  const { stem, tag } = wheelIdentity(files, options);
  return `${stem}-${tag}.whl`;
}

interface WheelIdentity {
  readonly name: string;
  readonly version: string;
  readonly tag: string;
  /** `{distribution}-{version}` as used in the filename and the folder names */
  readonly stem: string;
}

function wheelIdentity(files: FileMap, options: WheelOptions): WheelIdentity {
  const name = options.name ?? firstTopLevelName(files);
  const version = options.version ?? '1.0.0';
  const distribution = name.replace(/[-_.]+/g, '_').toLowerCase();
  return { name, version, tag: options.tag ?? 'py3-none-any', stem: `${distribution}-${version.replace(/-/g, '_')}` };
}

function firstTopLevelName(files: FileMap): string {
  for (const path of Object.keys(files)) {
    const top = path.split('/')[0] ?? '';
    if (top !== '' && !top.startsWith('*') && !top.endsWith('.pth')) return top.replace(/\.pyi?$/, '');
  }
  return 'example';
}

function expandPath(path: string, stem: string): string {
  return path.replace(/^\*\.(dist-info|data)\//, `${stem}.$1/`);
}

function wheelText(tag: string): string {
  const [pythons = '', abis = '', platforms = ''] = tag.split('-');
  const tags = pythons
    .split('.')
    .flatMap((python) => abis.split('.').flatMap((abi) => platforms.split('.').map((p) => `${python}-${abi}-${p}`)));
  const isPure = abis === 'none' && platforms === 'any';
  const lines = ['Wheel-Version: 1.0', 'Generator: bdist_wheel (0.43.0)', `Root-Is-Purelib: ${String(isPure)}`];
  return `${[...lines, ...tags.map((one) => `Tag: ${one}`)].join('\n')}\n`;
}

function recordText(members: readonly ZipMember[], recordPath: string, kind: string): string {
  if (kind !== 'correct' && kind !== 'wrong-hash' && kind !== 'missing-files') return kind;
  const folder = recordPath.slice(0, recordPath.indexOf('/') + 1);
  const listed = kind === 'missing-files' ? members.filter((one) => one.name.startsWith(folder)) : members;
  const rows = listed.map((member) => recordRow(member, kind === 'wrong-hash'));
  return `${[...rows, `${recordPath},,`].join('\n')}\n`;
}

function recordRow(member: ZipMember, isWrong: boolean): string {
  const content = contentBytes(member.content);
  const hash = createHash('sha256').update(content);
  if (isWrong) hash.update('other bytes');
  const path = /[",]/.test(member.name) ? `"${member.name.replaceAll('"', '""')}"` : member.name;
  return `${path},sha256=${hash.digest('base64url')},${content.length}`;
}
