// Owns: rewrites of string literals that need no more than tokens: cut up and joined, moved into a table.
// May import: python-text.ts. Pure. Start here: cutStrings, hoistStrings.
import {
  literal,
  neighbour,
  parseLiteral,
  reversed,
  type Scan,
  statementStarts,
  tokenize,
  untokenize,
} from './python-text.ts';

export type CutStyle = 'concat' | 'join' | 'format' | 'chr' | 'reverse';

/** Replaces string and bytes literals (no docstrings, no f-strings) by expressions of the same value. */
export function cutStrings(source: string, style: CutStyle): string {
  const tokens = tokenize(source);
  const starts = statementStarts(tokens);
  const out: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== 'string') {
      out.push(token?.text ?? '');
      continue;
    }
    const run = literalRun({ tokens, marks: starts }, at);
    const raw = untokenize(tokens.slice(at, run.end));
    out.push(starts[at]?.starts === true || run.value === undefined ? raw : cut(run.value, run.isBytes, raw, style));
    at = run.end - 1;
  }
  return out.join('');
}

interface LiteralRun {
  readonly end: number;
  readonly isBytes: boolean;
  /** undefined when a part is an f-string or cannot be read */
  readonly value: string | undefined;
}

/** Adjacent literals are one value. */
function literalRun(source: Scan, from: number): LiteralRun {
  const { tokens } = source;
  let end = from;
  let value: string | undefined = '';
  let isBytes = false;
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'string') {
      const part = parseLiteral(token.text);
      value = part === undefined || value === undefined ? undefined : value + part.value;
      isBytes = part?.isBytes ?? isBytes;
      end = at + 1;
    } else if (
      token?.kind !== 'space' &&
      token?.kind !== 'comment' &&
      !(token?.kind === 'newline' && inRun(source, at))
    )
      break;
  }
  return { end, isBytes, value };
}

/** A newline between two literals joins them only inside brackets; the sources here write it in no other way. */
function inRun({ tokens, marks }: Scan, newline: number): boolean {
  return neighbour(tokens, newline, 1)?.kind === 'string' && (marks[newline]?.depth ?? 0) > 0;
}

function cut(value: string, isBytes: boolean, raw: string, style: CutStyle): string {
  if (value.length < 4) return raw;
  const pieces = piecesOf(value).map((piece) => literal(piece, isBytes));
  const empty = isBytes ? 'b""' : '""';
  switch (style) {
    case 'concat':
      return `(${pieces.join(' + ')})`;
    case 'join':
      return `${empty}.join([${pieces.join(', ')}])`;
    case 'format':
      return isBytes
        ? `(b"${'%s'.repeat(pieces.length)}" % (${pieces.join(', ')},))`
        : `"${'{}'.repeat(pieces.length)}".format(${pieces.join(', ')})`;
    case 'reverse':
      return `${literal(reversed(value), isBytes)}[::-1]`;
    case 'chr':
      return charCodes(value, isBytes);
  }
}

/** Short values wholly, long ones in their first characters (a megabyte of numbers is no disguise). */
function charCodes(value: string, isBytes: boolean): string {
  const head = Array.from(value.slice(0, 48))
    .map((character) => character.charCodeAt(0))
    .join(', ');
  const rest = value.slice(48);
  const codes = isBytes ? `bytes([${head}])` : `"".join(map(chr, [${head}]))`;
  return rest === '' ? codes : `(${codes} + ${literal(rest, isBytes)})`;
}

function piecesOf(value: string): string[] {
  const count = Math.min(6, Math.ceil(value.length / 3));
  const size = Math.ceil(value.length / count);
  return Array.from({ length: count }, (_, index) => value.slice(index * size, (index + 1) * size)).filter(
    (p) => p !== '',
  );
}

/** The string literals of a source that are worth hiding elsewhere, each replaced by `prefix` + an index. */
export function hoistStrings(
  source: string,
  prefix: string,
): { readonly source: string; readonly values: readonly string[] } {
  const tokens = tokenize(source);
  const starts = statementStarts(tokens);
  const values: string[] = [];
  const out: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== 'string') {
      out.push(token?.text ?? '');
      continue;
    }
    const run = literalRun({ tokens, marks: starts }, at);
    const isHoisted = run.value !== undefined && run.value.length > 5 && starts[at]?.starts !== true;
    if (isHoisted) values.push(literal(run.value, run.isBytes));
    out.push(isHoisted ? `${prefix}${values.length - 1}` : untokenize(tokens.slice(at, run.end)));
    at = run.end - 1;
  }
  return { source: out.join(''), values };
}
