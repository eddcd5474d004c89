// Owns: sdists for tests: valid by default, with hooks for everything a hostile writer may do.
// May import: make-tar.ts, make-bzip2.ts, make-zip.ts, core-metadata.ts, node:zlib. No I/O; the same input always gives the same bytes.
// Start here: makeSdist; sdistFilename names what it made.
import { gzipSync } from 'node:zlib';
import { type MetadataOption, metadataText } from './core-metadata.ts';
import { makeBzip2 } from './make-bzip2.ts';
import { makeTar, type TarMember } from './make-tar.ts';
import { type MemberContent, makeZip, type ZipMember, type ZipOptions } from './make-zip.ts';

export interface SdistOptions {
  /** default `example` */
  readonly name?: string;
  /** default `1.0.0` */
  readonly version?: string;
  /** default `tar.gz` */
  readonly format?: 'tar.gz' | 'tar' | 'tar.bz2' | 'zip';
  readonly metadata?: MetadataOption;
  /** body of PKG-INFO */
  readonly description?: string;
  /**
   * text of pyproject.toml; `none`: none is added. Default: a setuptools one, only when the files have neither
   * setup.py nor pyproject.toml
   */
  readonly pyproject?: 'none' | (string & {});
  /** default `{name}-{version}`; an empty string puts the members at the top */
  readonly topFolder?: string;
  /** last look at the members before a tar is written; names include the top folder */
  readonly editTarMembers?: (members: readonly TarMember[]) => readonly TarMember[];
  /** last look at the members before a zip is written; names include the top folder */
  readonly editZipMembers?: (members: readonly ZipMember[]) => readonly ZipMember[];
  readonly zip?: ZipOptions;
}

/** Bytes of a valid sdist: one top folder, PKG-INFO, the files. @see https://packaging.python.org/en/latest/specifications/source-distribution-format/ */
export function makeSdist(files: Readonly<Record<string, MemberContent>>, options: SdistOptions = {}): Uint8Array {
  const { name, version } = sdistIdentity(options);
  const folder = options.topFolder ?? sdistStem(options);
  const project = projectFile(files, name, version, options.pyproject);
  const all: Record<string, MemberContent> = {
    'PKG-INFO': metadataText(name, version, options.metadata, options.description),
    ...(project === undefined ? {} : { 'pyproject.toml': project }),
    ...files,
  };
  const members = Object.entries(all).map(([path, content]) => ({
    name: folder === '' ? path : `${folder}/${path}`,
    content,
  }));

  if (options.format === 'zip') return makeZip(options.editZipMembers?.(members) ?? members, options.zip);
  const tar = makeTar(options.editTarMembers?.(members) ?? members);
  if (options.format === 'tar.bz2') return makeBzip2(tar);
  return options.format === 'tar' ? tar : gzip(tar);
}

/** Filename of the sdist that makeSdist makes of the same options. */
export function sdistFilename(options: SdistOptions = {}): string {
  return `${sdistStem(options)}.${options.format ?? 'tar.gz'}`;
}

function sdistIdentity(options: SdistOptions): { readonly name: string; readonly version: string } {
  return { name: options.name ?? 'example', version: options.version ?? '1.0.0' };
}

function sdistStem(options: SdistOptions): string {
  const { name, version } = sdistIdentity(options);
  return `${name.replace(/[-_.]+/g, '_').toLowerCase()}-${version}`;
}

function projectFile(
  files: Readonly<Record<string, MemberContent>>,
  name: string,
  version: string,
  pyproject: string | undefined,
): string | undefined {
  if (pyproject === 'none') return undefined;
  if (pyproject !== undefined) return pyproject;
  if (files['setup.py'] !== undefined || files['pyproject.toml'] !== undefined) return undefined;
  const build = `[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n`;
  return `${build}\n[project]\nname = "${name}"\nversion = "${version}"\n`;
}

/** gzip with the header's operating system byte fixed, so that every platform writes the same bytes. */
function gzip(bytes: Uint8Array): Uint8Array {
  const zipped = gzipSync(bytes, { level: 6 });
  zipped[9] = 255;
  return new Uint8Array(zipped);
}
