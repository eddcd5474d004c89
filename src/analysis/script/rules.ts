// Owns applying patterns to folded code. May import facts.ts, string-folding.ts. Start at applyRules.
import type { FactSheet, ScriptFactKind } from './facts.ts';
import type { Folded } from './string-folding.ts';

/** Every pattern must be linear: bounded repeats only, no repeat inside a repeat. */
export interface Rule {
  readonly kind: ScriptFactKind;
  readonly pattern: RegExp;
  /** what to say; the matched text when absent */
  readonly detail?: string;
}

/** A minified file is one line: patterns look at pieces of this size, that overlap. */
const WINDOW = 4000;
const OVERLAP = 400;
const MAX_PIECES = 600;

export interface SourceLines {
  /** the line as it stands, for snippets */
  at(line: number): string;
}

export function sourceLines(text: string, first: number): SourceLines {
  const lines = text.split(/\r\n|\r|\n/);
  return { at: (line) => (lines[line - first] ?? '').slice(0, 1000) };
}

/** Adds a fact for each rule and line where it matches, the first match of a line only. */
export function applyRules(sheet: FactSheet, folded: Folded, source: SourceLines, rules: readonly Rule[]): void {
  let pieces = 0;
  for (const { line, text } of folded.lines) {
    for (let start = 0; start === 0 || start < text.length - OVERLAP; start += WINDOW - OVERLAP) {
      if (++pieces > MAX_PIECES + folded.lines.length) {
        sheet.isTruncated = true;
        return;
      }
      const piece = text.length <= WINDOW ? text : text.slice(start, start + WINDOW);
      applyToPiece(sheet, piece, line, source, rules);
    }
  }
}

function applyToPiece(
  sheet: FactSheet,
  piece: string,
  line: number,
  source: SourceLines,
  rules: readonly Rule[],
): void {
  for (const { kind, pattern, detail } of rules) {
    const match = pattern.exec(piece);
    if (match === null) continue;
    const snippet =
      piece.length > 1000 ? piece.slice(Math.max(0, match.index - 60), match.index + 300) : source.at(line);
    sheet.add(kind, line, snippet === '' ? piece : snippet, detail ?? match[0]);
  }
}
