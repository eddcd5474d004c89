// Owns the HTML view of a project page (PEP 503, 592, 629, 658, 714, 740, 792). Imports the model, rules and htmlparser2.
// Start at parsePageHtml. Pages are always written from the model; no HTML of an upstream is ever edited.
import { Parser } from 'htmlparser2';
import { isPlainFilename } from './filename.ts';
import type { DistributionFile, Hashes, ProjectName, ProjectPage } from './model.ts';
import {
  findUrlFilename,
  HTML_API_VERSION,
  minApiVersion,
  parseApiVersion,
  parseHashes,
  parseProvenance,
  resolveLink,
} from './page-rules.ts';

type Attributes = Readonly<Record<string, string>>;

/** What the tags of a page said, in order. */
interface PageTags {
  readonly anchors: Attributes[];
  readonly metas: Map<string, string>;
  base: string | undefined;
  lastSerial: number | undefined;
}

function readTags(html: string): PageTags {
  const tags: PageTags = { anchors: [], metas: new Map(), base: undefined, lastSerial: undefined };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (name === 'a' && attributes['href'] !== undefined) tags.anchors.push(attributes);
        if (name === 'base' && attributes['href'] !== undefined) tags.base ??= attributes['href'];
        if (name === 'meta') tags.metas.set(attributes['name']?.toLowerCase() ?? '', attributes['content'] ?? '');
      },
      oncomment(comment) {
        const serial = /^SERIAL ([0-9]{1,15})$/.exec(comment)?.[1];
        if (serial !== undefined) tags.lastSerial = Number(serial);
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.write(html);
  parser.end();
  return tags;
}

/** `sha256=ab…` or `egg=x&md5=cd…`, as in a link's fragment. */
function parseFragment(fragment: string): Hashes | undefined {
  const pairs = fragment.split('&').map((pair) => {
    const [name = '', digest] = pair.split('=', 2);
    return [name, digest] as const;
  });
  return parseHashes(pairs.filter(([name]) => /^(?:md5|sha[0-9]+|blake2b.*)$/i.test(name)));
}

function parseMetadataFlag(attributes: Attributes): boolean | Hashes | undefined {
  const value = attributes['data-core-metadata'] ?? attributes['data-dist-info-metadata'];
  if (value === undefined) return undefined;
  const [algorithm = '', digest] = value.split('=', 2);
  const hashes = digest === undefined ? undefined : parseHashes([[algorithm, digest]]);
  return hashes === undefined || Object.keys(hashes).length === 0 ? value !== 'false' : hashes;
}

const KNOWN_ATTRIBUTES = new Set([
  'data-requires-python',
  'data-yanked',
  'data-dist-info-metadata',
  'data-core-metadata',
  'data-gpg-sig',
  'data-provenance',
]);
const ATTRIBUTE_NAME = /^data-[a-z0-9_.-]+$/;

function pickExtra(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => ATTRIBUTE_NAME.test(name) && !KNOWN_ATTRIBUTES.has(name)),
  );
}

function parseAnchor(attributes: Attributes, baseUrl: string): DistributionFile | undefined {
  const link = resolveLink(attributes['href'] ?? '', baseUrl);
  const filename = link === undefined ? undefined : findUrlFilename(link.url);
  // A link to a folder or to a page is none to a file.
  if (link === undefined || filename === undefined || !isPlainFilename(filename) || !filename.includes('.')) {
    return undefined;
  }
  const hashes = parseFragment(link.fragment);
  if (hashes === undefined || /\.(?:asc|sig|metadata|html?)$/i.test(filename)) return undefined;
  const coreMetadata = parseMetadataFlag(attributes);
  const yanked = attributes['data-yanked'];
  const requiresPython = attributes['data-requires-python'];
  const gpgSig = attributes['data-gpg-sig'];
  const provenance = parseProvenance(attributes['data-provenance']);
  return {
    filename,
    url: link.url,
    hashes,
    ...(requiresPython === undefined ? {} : { requiresPython }),
    ...(coreMetadata === undefined ? {} : { coreMetadata }),
    yanked: yanked === undefined ? false : yanked === '' ? true : yanked,
    ...(provenance === undefined ? {} : { provenance }),
    ...(gpgSig === undefined ? {} : { gpgSig: gpgSig === 'true' }),
    extra: pickExtra(attributes),
  };
}

/**
 * Reads a project page in HTML. Each anchor that names a file counts; `<base>`, relative and root-relative links are resolved.
 *
 * @param project that was asked for; HTML does not name it
 * @param pageUrl the URL of the answer, after redirects
 * @returns undefined when the page says it follows another major version of the API; never throws
 * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/#base-html-api
 */
export function parsePageHtml(html: string, project: ProjectName, pageUrl: string): ProjectPage | undefined {
  const tags = readTags(html);
  const apiVersion = parseApiVersion(tags.metas.get('pypi:repository-version') ?? '1.0');
  if (apiVersion === undefined) return undefined;
  const base = tags.base !== undefined && URL.canParse(tags.base, pageUrl) ? new URL(tags.base, pageUrl).href : pageUrl;
  const status = tags.metas.get('pypi:project-status');
  const reason = tags.metas.get('pypi:project-status-reason');
  return {
    name: project,
    apiVersion,
    ...(status === undefined ? {} : { upstreamStatus: { status, ...(reason === undefined ? {} : { reason }) } }),
    files: tags.anchors.map((anchor) => parseAnchor(anchor, base)).filter((file) => file !== undefined),
    ...(tags.lastSerial === undefined ? {} : { lastSerial: tags.lastSerial }),
    extra: {},
    metaExtra: {},
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The strongest digest that we know of: a link has room for one. */
function formatFragment(hashes: Hashes): string {
  const algorithm = ['sha256', 'sha512', 'sha384', 'sha224', 'sha1', 'md5'].find((name) => hashes[name] !== undefined);
  return algorithm === undefined ? '' : `#${algorithm}=${hashes[algorithm] ?? ''}`;
}

function formatMetadataFlag(flag: boolean | Hashes): string {
  if (typeof flag === 'boolean') return String(flag);
  const digest = formatFragment(flag).slice(1);
  return digest === '' ? 'true' : digest;
}

function listAttributes(file: DistributionFile): readonly (readonly [string, string])[] {
  const attributes: [string, string][] = [];
  const { coreMetadata, extra } = file;
  if (typeof file.requiresPython === 'string') attributes.push(['data-requires-python', file.requiresPython]);
  if (file.yanked !== false) attributes.push(['data-yanked', file.yanked === true ? '' : file.yanked]);
  if (coreMetadata !== undefined && coreMetadata !== false) {
    const flag = formatMetadataFlag(coreMetadata);
    attributes.push(['data-dist-info-metadata', flag], ['data-core-metadata', flag]);
  }
  if (file.gpgSig !== undefined) attributes.push(['data-gpg-sig', String(file.gpgSig)]);
  if (typeof file.provenance === 'string') attributes.push(['data-provenance', file.provenance]);
  for (const [name, value] of Object.entries(extra)) {
    if (ATTRIBUTE_NAME.test(name) && typeof value === 'string') attributes.push([name, value]);
  }
  return attributes;
}

function renderAnchor(file: DistributionFile, url: string): string {
  const attributes = listAttributes(file).map(([name, value]) => ` ${name}="${escapeText(value)}"`);
  const href = escapeText(url + formatFragment(file.hashes));
  return `    <a href="${href}"${attributes.join('')}>${escapeText(file.filename)}</a><br />\n`;
}

/**
 * Writes a project page as HTML with PyPI's own white space (people match it with regular expressions), a piece a file.
 *
 * @param urlOf our URL of a file, relative to the page, or absolute
 */
export function* renderPageHtml(
  page: ProjectPage,
  urlOf: (file: DistributionFile, index: number) => string,
): Generator<string> {
  const { name, upstreamStatus: status } = page;
  const apiVersion = minApiVersion(page.apiVersion, HTML_API_VERSION);
  yield `<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta name="pypi:repository-version" content="${apiVersion}">\n`;
  if (status !== undefined) {
    yield `    <meta name="pypi:project-status" content="${escapeText(status.status)}">\n`;
    if (status.reason !== undefined) {
      yield `    <meta name="pypi:project-status-reason" content="${escapeText(status.reason)}">\n`;
    }
  }
  yield `    <title>Links for ${name}</title>\n  </head>\n  <body>\n    <h1>Links for ${name}</h1>\n`;
  for (const [index, file] of page.files.entries()) yield renderAnchor(file, urlOf(file, index));
  // for a person who opens the page after `No matching distribution found`
  if (page.files.length === 0 && status?.reason !== undefined) {
    yield `    <p>${escapeText(status.status)}: ${escapeText(status.reason)}</p>\n`;
  }
  yield '  </body>\n</html>\n';
  if (page.lastSerial !== undefined) yield `<!--SERIAL ${page.lastSerial}-->\n`;
}
