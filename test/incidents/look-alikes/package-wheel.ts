// Owns: the shortest way to write a wheel of one package. May import: incident.ts. Start here: packageWheel.
import type { Release } from '../incident.ts';

/** A wheel with one package of the files given by short names. */
export function packageWheel(
  name: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  version = '3.1.0',
): Release {
  const root = name.replaceAll('-', '_');
  return {
    kind: 'wheel',
    name,
    version,
    files: Object.fromEntries(Object.entries(files).map(([path, content]) => [`${root}/${path}`, content])),
  };
}
