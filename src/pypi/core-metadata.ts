// Owns the reading of METADATA and PKG-INFO. Imports names and version. Start at parseCoreMetadata. It is never rewritten:
// pip compares the copy that was served with the one inside the wheel.
import type { ProjectName } from './model.ts';
import { parseProjectName } from './names.ts';

/** Core metadata, read leniently: old files break every rule. */
export interface CoreMetadata {
  readonly metadataVersion?: string;
  /** as written */
  readonly name?: string;
  readonly version?: string;
  readonly summary?: string;
  readonly requiresPython?: string;
  readonly requiresDist: readonly string[];
  /** lower-case field name → values in order, continuation lines folded */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** body after the headers, else the Description field */
  readonly description?: string;
}

const MAX_FIELDS = 20_000;

/** Splits headers and body like Python's email parser: the first empty line, or the first line that is no header, ends them. */
function readHeaders(text: string): { readonly fields: Map<string, string[]>; readonly body: string } {
  const fields = new Map<string, string[]>();
  let count = 0;
  let position = 0;
  let current: string[] | undefined;
  while (position < text.length && count < MAX_FIELDS) {
    const newline = text.indexOf('\n', position);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(position, end).replace(/\r$/, '');
    const header = /^([!-9;-~]+):[ \t]?(.*)$/.exec(line);
    if (/^[ \t]/.test(line) && current !== undefined) {
      current.push(`${current.pop() ?? ''}\n${line.trim()}`);
    } else if (header !== null) {
      const name = (header[1] ?? '').toLowerCase();
      current = fields.get(name) ?? [];
      current.push((header[2] ?? '').trim());
      fields.set(name, current);
      count++;
    } else {
      return { fields, body: line === '' ? text.slice(end + 1) : text.slice(position) };
    }
    position = end + 1;
  }
  return { fields, body: '' };
}

/**
 * Reads core metadata.
 *
 * @param bytes of METADATA or PKG-INFO; read as UTF-8, broken sequences become U+FFFD
 * @returns fields that are absent stay undefined; never throws
 * @see https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export function parseCoreMetadata(bytes: Uint8Array): CoreMetadata {
  const { fields, body } = readHeaders(new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes));
  const first = (name: string) => fields.get(name)?.[0];
  const single = {
    metadataVersion: first('metadata-version'),
    name: first('name'),
    version: first('version'),
    summary: first('summary'),
    requiresPython: first('requires-python'),
    description: body.trim() === '' ? first('description') : body,
  };
  const present = Object.entries(single).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(present) as Partial<CoreMetadata>),
    requiresDist: fields.get('requires-dist') ?? [],
    fields,
  };
}

/** The project that a `Requires-Dist` line names; undefined when it names none. */
export function parseRequirementName(requirement: string): ProjectName | undefined {
  const name = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/.exec(requirement)?.[1];
  return name === undefined ? undefined : parseProjectName(name);
}
