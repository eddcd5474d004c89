// Owns the path under which we serve a file: ours to theirs and back. Imports the model and names. Start at makeFilePath.
// A path has no query (pip appends `.metadata` to the whole URL) and ends in the very filename (pip names its copy after it).
import { createHash } from 'node:crypto';
import { isPlainFilename } from './filename.ts';
import type { UpstreamId } from './model.ts';
import { parseUpstreamId } from './names.ts';

/** An upstream as far as paths are concerned. */
export interface PathUpstream {
  readonly id: UpstreamId;
  /**
   * origin whose `/packages/…` paths we keep as they are, e.g. `https://files.pythonhosted.org`, so that lock files can be
   * mapped by prefix; at most one upstream may have one
   */
  readonly keptOrigin?: string;
}

/** Why a file stands under a speaking URL: PDM shows nothing but the URL. */
export const REFUSAL_SLUGS = [
  'malware',
  'known-malware',
  'denied-by-policy',
  'digest-mismatch',
  'metadata-mismatch',
  'quarantined-upstream',
  'ambiguous-archive',
  'suspicious',
  'unscannable',
  'other-file-refused',
  'changed-upstream',
  'held',
] as const;
export type RefusalSlug = (typeof REFUSAL_SLUGS)[number];

/** A path of ours, taken apart. */
export type ParsedFilePath =
  /** `packages/…`, as on files.pythonhosted.org */
  | { readonly kind: 'kept'; readonly filename: string }
  | { readonly kind: 'mapped'; readonly upstream: UpstreamId; readonly filename: string }
  | { readonly kind: 'refused'; readonly fileKey: string; readonly slug: RefusalSlug; readonly filename: string };

function hashText(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** `https://download.pytorch.org` → `download-pytorch-org-1a2b3c4d5e6f`. */
function labelOrigin(origin: string): string {
  const host = origin.replace(/^https?:\/\//, '').replace(/[^a-z0-9]+/g, '-');
  return `${host.slice(0, 40)}-${hashText(origin, 12)}`;
}

/** Nearly every path on a file host: nothing to decode, and written down again it is the same. */
const BARE_PATH = /^(?:\/[A-Za-z0-9_.-]{1,200})+$/;

/** The decoded segments of a URL's path if writing them down again gives the same URL; else undefined. */
function findPlainSegments(url: URL): readonly string[] | undefined {
  if (url.search !== '' || url.username !== '' || url.password !== '') return undefined;
  const encoded = url.pathname.slice(1).split('/');
  // the URL parser has taken `.` and `..` away
  if (BARE_PATH.test(url.pathname)) return encoded;
  const segments = encoded.map(decodeSegment);
  if (!segments.every((segment) => segment !== undefined)) return undefined;
  const isSame = segments.every((segment, index) => encodeURIComponent(segment) === encoded[index]);
  const isPlain = segments.every((segment) => isPlainFilename(segment) && !segment.startsWith('~'));
  return isSame && isPlain ? segments : undefined;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * The path of a file below our root, decoded, without a leading slash.
 *
 * Paths on the kept origin stay; any other file gets `packages/~<upstream>/<origin>/<its path>`. A URL that its decoded path
 * does not determine (a query, another spelling of an escape, a last segment that is not the filename) is named by its digest.
 * Different (upstream, URL) never share a path.
 *
 * @param file its absolute URL without fragment, and its filename
 * @throws TypeError when the URL is not absolute
 */
export function makeFilePath(
  upstream: PathUpstream,
  file: { readonly url: string; readonly filename: string },
): string {
  const url = new URL(file.url);
  const segments = findPlainSegments(url);
  const isNamed = segments?.at(-1) === file.filename;
  if (segments !== undefined && isNamed && url.origin === upstream.keptOrigin && isKeptShape(segments)) {
    return segments.join('/');
  }
  const rest = segments !== undefined && isNamed ? segments : [`~${hashText(file.url, 32)}`, file.filename];
  return ['packages', `~${upstream.id}`, labelOrigin(url.origin), ...rest].join('/');
}

function isKeptShape(segments: readonly string[]): boolean {
  return segments.length >= 3 && segments[0] === 'packages' && segments[1] !== 'refused';
}

/**
 * The speaking path of a file that is refused; it is judged like the file's own path.
 *
 * @param fileKey of the stored file: hex sha256 of upstream and URL
 */
export function makeRefusedPath(fileKey: string, slug: RefusalSlug, filename: string): string {
  return `packages/refused/${fileKey}-${slug}/${filename}`;
}

/** Takes a decoded path of ours apart; undefined when it cannot name a file. */
export function parseFilePath(path: string): ParsedFilePath | undefined {
  const segments = path.split('/');
  const filename = segments.at(-1) ?? '';
  if (segments.length < 3 || segments[0] !== 'packages' || !segments.every(isPlainFilename)) return undefined;
  const second = segments[1] ?? '';
  if (second === 'refused') return parseRefused(segments, filename);
  if (!second.startsWith('~')) return { kind: 'kept', filename };
  const upstream = parseUpstreamId(second.slice(1));
  return upstream === undefined || segments.length < 4 ? undefined : { kind: 'mapped', upstream, filename };
}

function parseRefused(segments: readonly string[], filename: string): ParsedFilePath | undefined {
  const match = /^([0-9a-f]{64})-([a-z-]+)$/.exec(segments[2] ?? '');
  const slug = REFUSAL_SLUGS.find((known) => known === match?.[2]);
  const fileKey = match?.[1];
  if (segments.length !== 4 || fileKey === undefined || slug === undefined) return undefined;
  return { kind: 'refused', fileKey, slug, filename };
}

/**
 * The upstream URL behind one of our paths, for rewriting lock files.
 *
 * @param origins of each upstream that its files may come from
 * @returns undefined for a speaking path, a path named by digest, or an unknown upstream or origin
 */
export function restoreFileUrl(
  path: string,
  upstreams: readonly (PathUpstream & { readonly origins: readonly string[] })[],
): string | undefined {
  const parsed = parseFilePath(path);
  if (parsed === undefined || parsed.kind === 'refused') return undefined;
  if (parsed.kind === 'kept') {
    const kept = upstreams.find((upstream) => upstream.keptOrigin !== undefined)?.keptOrigin;
    return kept === undefined ? undefined : `${kept}/${encodeFilePath(path)}`;
  }
  const [, , label, ...rest] = path.split('/');
  const owner = upstreams.find((upstream) => upstream.id === parsed.upstream);
  const origin = owner?.origins.find((candidate) => labelOrigin(candidate) === label);
  if (origin === undefined || rest[0]?.startsWith('~') === true) return undefined;
  return `${origin}/${encodeFilePath(rest.join('/'))}`;
}

/** Percent-encodes each segment of a decoded path. */
export function encodeFilePath(path: string): string {
  // Nearly every path is its own encoding, and a page writes thousands.
  if (/^[A-Za-z0-9._~/-]*$/.test(path)) return path;
  return path.split('/').map(encodeURIComponent).join('/');
}
