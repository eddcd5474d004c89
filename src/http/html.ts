// Owns the writing of HTML: what is put into a template is escaped unless it was made by one. Start at html.
import { defangUrl, escapeHtml, stripControls } from '../policy/hostile-text.ts';

/** HTML that was made by `html`; everything of a package in it is tamed. */
export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | readonly Html[];

function write(piece: Piece): string {
  if (typeof piece === 'string') return tame(piece);
  if (typeof piece === 'number') return String(piece);
  return 'html' in piece ? piece.html : piece.map((part) => part.html).join('');
}

/** Hidden characters are shown, markup is text. Line feeds stay. */
function tame(text: string): string {
  return escapeHtml(stripControls(text, true));
}

/** Text that may hold addresses of an attacker: tamed, and none of them can be clicked or resolved by accident. */
export function evidence(text: string): Html {
  return { html: tame(defangUrl(text)) };
}

/** A template whose values are tamed and escaped; values that are `Html` themselves are put in as they are. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: strings.reduce((text, part, index) => text + write(pieces[index - 1] ?? '') + part) };
}

/** Our own markup or style, taken as it stands. */
export function ownMarkup(markup: string): Html {
  return { html: markup };
}

export const NOTHING: Html = { html: '' };
