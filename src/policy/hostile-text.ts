// Owns the taming of text that came from a package, an index or a client, before a person or a terminal sees it.
// Pure. Start at stripControls; every other function builds on it.

/**
 * Characters that move the cursor, colour a terminal, reorder or hide text: controls, formats (bidi marks, embeddings and
 * isolates, zero-width characters, tags), line and paragraph separators, and whatever else a renderer may ignore.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** The same, but line feed and tab stay. */
const HIDDEN_BUT_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Shows hidden characters instead of obeying them: each becomes `\x1b` or `\u{202e}`. Lone surrogates become U+FFFD.
 *
 * @param keepLines true: line feeds and tabs stay, for code shown in several lines
 */
export function stripControls(text: string, keepLines = false): string {
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\uFFFD');
  const lines = keepLines ? wellFormed.replaceAll('\r\n', '\n') : wellFormed;
  return lines.replace(keepLines ? HIDDEN_BUT_LINES : HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
  });
}

/** Common typography in ASCII, so that a one-line reason stays readable. */
const ASCII_FORMS: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u2013': '-',
  '\u2014': '-',
  '\u2026': '...',
  '\u00A0': ' ',
};

/**
 * One line of printable ASCII, fit for an HTTP reason phrase or header value.
 * White space is folded, other characters are written as escapes or `?`; longer text ends in `...`.
 *
 * @param maxLength characters of the result, at least 3
 */
export function asciiOneLine(text: string, maxLength = 200): string {
  // Cut before the work: a hostile string may be megabytes long.
  const head = text.slice(0, maxLength * 4);
  const folded = stripControls(head.replace(/\s+/g, ' ').trim());
  const ascii = folded.replace(/[^\x20-\x7E]/gu, (character) => ASCII_FORMS[character] ?? '?');
  return ascii.length <= maxLength && head.length === text.length
    ? ascii
    : `${ascii.slice(0, maxLength - 3).trimEnd()}...`;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for HTML content and for attribute values in either kind of quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character);
}

/**
 * Makes URLs and host names in a text impossible to click or to resolve by accident:
 * `https://evil.invalid/a` becomes `hxxps://evil[.]invalid/a`. Applied twice it changes nothing more.
 */
export function defangUrl(text: string): string {
  return text
    .replace(/\bhttp(s?):\/\//gi, 'hxxp$1://')
    .replace(/\bftp:\/\//gi, 'fxp://')
    .replace(
      /((?:hxxps?|fxp|wss?|[a-z][a-z0-9+.-]*):\/\/)([^\s/?#"'<>]+)/gi,
      (_whole, scheme: string, authority: string) => scheme + authority.replace(/(?<!\[)\.(?!\])/g, '[.]'),
    )
    .replace(/\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b/g, '$1[.]$2[.]$3[.]$4');
}
