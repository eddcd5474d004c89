// Owns the choice of format and coding of an answer. Imports nothing. Start at negotiateFormat.

export const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
export const HTML_TYPE = 'application/vnd.pypi.simple.v1+html';
export const TEXT_HTML = 'text/html';

/** What the Simple API serves; `text/html` is the same page as v1+html under its old name. */
export type SimpleType = typeof JSON_TYPE | typeof HTML_TYPE | typeof TEXT_HTML;

/** PyPI's order of offers: of what a client likes equally, and for `*\/*`, HTML wins (pipenv parses that answer as HTML). */
const OFFERS: readonly SimpleType[] = [TEXT_HTML, HTML_TYPE, JSON_TYPE];
const LATEST: Readonly<Record<string, SimpleType>> = {
  'application/vnd.pypi.simple.latest+json': JSON_TYPE,
  'application/vnd.pypi.simple.latest+html': HTML_TYPE,
};
const MAX_HEADER_LENGTH = 4096;

interface Preference {
  readonly value: string;
  /** 0 to 1 */
  readonly quality: number;
}

/** Reads `a;q=0.5, b`: white space anywhere, up to three decimals; an element with a broken q is left out. */
function parsePreferences(header: string): readonly Preference[] {
  return header
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .flatMap((element) => {
      const [value = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '');
      if (value === '' || (weight !== undefined && !/^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(weight))) return [];
      return [{ value, quality: weight === undefined ? 1 : Number(weight) }];
    });
}

/** The quality of a type: the most specific range that names it decides. */
function findQuality(type: SimpleType, preferences: readonly Preference[]): number {
  const group = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const range of [type, group, '*/*']) {
    const named = preferences.filter(({ value }) => value === range || LATEST[value] === range);
    if (named.length > 0) return Math.max(...named.map((preference) => preference.quality));
  }
  return 0;
}

/** Reads `?format=`: a content type of the Simple API, `latest` included; undefined for anything else. */
export function parseFormat(text: string): SimpleType | undefined {
  // a plus sign that was typed into an address as it is means a space there
  const lower = text.toLowerCase().replace(' ', '+');
  return OFFERS.find((offer) => offer === lower) ?? LATEST[lower];
}

/**
 * Chooses the type of a simple page the way PyPI does: the highest quality, ties by PyPI's order, `text/html` where nothing
 * matches (never 406). A `?format=` that we know goes first.
 *
 * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/#version-format-selection
 */
export function negotiateFormat(accept: string | undefined, format: string | undefined): SimpleType {
  const asked = format === undefined ? undefined : parseFormat(format);
  if (asked !== undefined) return asked;
  const preferences = parsePreferences(accept ?? '*/*');
  const ranked = OFFERS.map((type) => ({ type, quality: findQuality(type, preferences) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return ranked[0]?.type ?? TEXT_HTML;
}

export type Coding = 'identity' | 'gzip' | 'br' | 'zstd';

/** The quality of a coding; `identity` is acceptable unless refused by name or by `*;q=0`. */
function findCodingQuality(coding: Coding, preferences: readonly Preference[]): number {
  const named = preferences.find(({ value }) => value === coding || (coding === 'gzip' && value === 'x-gzip'));
  const any = preferences.find(({ value }) => value === '*');
  if (named !== undefined) return named.quality;
  if (any !== undefined) return any.quality;
  return coding === 'identity' ? 0.001 : 0;
}

/**
 * Chooses a content coding for a page.
 *
 * @param offered codings of ours, best first; of what the client likes equally the first wins
 * @returns `identity` without a header or without a match
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
 */
export function negotiateCoding(acceptEncoding: string | undefined, offered: readonly Coding[]): Coding {
  if (acceptEncoding === undefined) return 'identity';
  const preferences = parsePreferences(acceptEncoding);
  const ranked = [...offered.filter((coding) => coding !== 'identity'), 'identity' as const]
    .map((coding) => ({ coding, quality: findCodingQuality(coding, preferences) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return ranked[0]?.coding ?? 'identity';
}
