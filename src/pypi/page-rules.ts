// Owns what both views of a project page share: versions of the API and how single fields are read. Imports the model alone.
import type { Hashes } from './model.ts';

/** The Simple Repository API version that our JSON speaks. */
export const JSON_API_VERSION = '1.4';
/** HTML is frozen at 1.4 for good (PEP 833), whatever JSON becomes. */
export const HTML_API_VERSION = '1.4';

const API_VERSION = /^1\.(?:0|[1-9][0-9]{0,3})$/;

/** Reads `1.<minor>`; undefined for another major version, which a client must not read (PEP 629). */
export function parseApiVersion(text: string): string | undefined {
  return API_VERSION.test(text) ? text : undefined;
}

/** The lower of two `1.<minor>` versions: a label must not promise fields that the source may lack. */
export function minApiVersion(a: string, b: string): string {
  return Number(a.slice(2)) <= Number(b.slice(2)) ? a : b;
}

/**
 * Keeps digests that look like digests, in lower case.
 *
 * @returns undefined when a sha256 is there but is none: such a file could never be checked
 */
export function parseHashes(entries: readonly (readonly [string, unknown])[]): Hashes | undefined {
  const hashes: Record<string, string> = {};
  for (const [algorithm, digest] of entries) {
    const name = algorithm.toLowerCase();
    const isHex = typeof digest === 'string' && /^[0-9a-fA-F]{8,256}$/.test(digest);
    if (name === 'sha256' && !(isHex && digest.length === 64)) return undefined;
    if (isHex && /^[a-z0-9_-]{1,20}$/.test(name)) hashes[name] = digest.toLowerCase();
  }
  return hashes;
}

/** Resolves a link of a page; undefined unless it is http or https. The fragment is returned apart. */
export function resolveLink(
  link: string,
  baseUrl: string,
): { readonly url: string; readonly fragment: string } | undefined {
  if (!URL.canParse(link, baseUrl)) return undefined;
  const url = new URL(link, baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const fragment = url.hash.slice(1);
  url.hash = '';
  return { url: url.href, fragment };
}

/** The last segment of a URL's path, decoded; undefined when an escape in it is broken. */
export function findUrlFilename(url: string): string | undefined {
  const segment = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The address of an attestation: absolute, http or https (PEP 740 asks for https); anything else counts as absent. */
export function parseProvenance(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
}
