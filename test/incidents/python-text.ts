// Owns: Python source as text: lossless tokens, literals, indentation. Enough to rewrite code without parsing it.
// May import: nothing. Start here: tokenize.

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'operator' | 'space' | 'comment' | 'newline';
  readonly text: string;
}

const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const NUMBER = /\d[\w.]*|\.\d[\w.]*/y;
const SPACE = /(?:[ \t\f]|\\\r?\n)+/y;
const COMMENT = /#[^\r\n]*/y;
const NEWLINE = /\r?\n/y;
const OPERATOR = /\*\*=|\/\/=|>>=|<<=|\.\.\.|:=|->|[-+*/%&|^@=!<>]=|\*\*|\/\/|<<|>>|[^\s\w]/uy;
const STRING_START = /[rRbBuUfF]{0,2}("""|'''|"|')/y;

/** Splits Python source into tokens whose texts joined give the source back. Unterminated strings run to the end. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const token = stringAt(source, at) ?? plainAt(source, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function plainAt(source: string, at: number): Token {
  const kinds = [
    ['newline', NEWLINE],
    ['space', SPACE],
    ['comment', COMMENT],
    ['name', NAME],
    ['number', NUMBER],
    ['operator', OPERATOR],
  ] as const;
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return { kind: 'operator', text: source.slice(at, at + 1) };
}

function stringAt(source: string, at: number): Token | undefined {
  STRING_START.lastIndex = at;
  const start = STRING_START.exec(source);
  const quote = start?.[1];
  if (start === null || quote === undefined) return undefined;
  let end = at + start[0].length;
  while (end < source.length && !source.startsWith(quote, end)) end += source[end] === '\\' ? 2 : 1;
  return { kind: 'string', text: source.slice(at, end + quote.length) };
}

/** Joins tokens back into source. */
export function untokenize(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join('');
}

/** Indents every line by four spaces a level, leaving the inside of triple-quoted strings alone. */
export function indent(source: string, levels = 1): string {
  const prefix = '    '.repeat(levels);
  const tokens = tokenize(source.replace(/\n+$/, ''));
  const lines = tokens.map((token, index) => {
    const next = tokens[index + 1];
    return token.kind === 'newline' && next !== undefined && next.kind !== 'newline'
      ? `${token.text}${prefix}`
      : token.text;
  });
  return `${prefix}${lines.join('')}\n`;
}

/** A Python str literal of any text. */
export function pyString(text: string): string {
  return JSON.stringify(text);
}

/** A Python bytes literal. */
export function pyBytes(bytes: Uint8Array): string {
  let body = '';
  for (const byte of bytes) {
    if (byte === 0x5c || byte === 0x22) body += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) body += String.fromCharCode(byte);
    else body += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `b"${body}"`;
}

/** A plain (not formatted) literal: its kind and its value; bytes are given as latin-1 text. */
export interface Literal {
  readonly isBytes: boolean;
  readonly value: string;
}

/** Reads a string token; undefined for f-strings and for escapes this reader does not know. */
export function parseLiteral(token: string): Literal | undefined {
  const match = /^([rRbBuUfF]{0,2})("""|'''|"|')([\s\S]*)\2$/.exec(token);
  const prefix = match?.[1]?.toLowerCase();
  const body = match?.[3];
  if (prefix === undefined || body === undefined || prefix.includes('f')) return undefined;
  const isBytes = prefix.includes('b');
  if (prefix.includes('r')) return { isBytes, value: body };
  const value = unescapeBody(body, isBytes);
  return value === undefined ? undefined : { isBytes, value };
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

function unescapeBody(body: string, isBytes: boolean): string | undefined {
  let isKnown = true as boolean;
  const value = body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g,
    (whole, hex?: string, unicode?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (unicode !== undefined && !isBytes) return String.fromCharCode(Number.parseInt(unicode, 16));
      const simple = other === undefined ? undefined : SIMPLE_ESCAPES[other];
      if (simple === undefined) isKnown = false;
      return simple ?? whole;
    },
  );
  return isKnown ? value : undefined;
}

/** A literal of the same kind as `like` with another value. */
export function literal(value: string, isBytes: boolean): string {
  return isBytes ? pyBytes(Buffer.from(value, 'latin1')) : pyString(value);
}

/** Bracket depth before each token, and whether a statement starts there (indentation skipped). */
export function statementStarts(
  tokens: readonly Token[],
): readonly { readonly depth: number; readonly starts: boolean }[] {
  let depth = 0;
  let isStart = true;
  return tokens.map((token) => {
    const here = { depth, starts: isStart && token.kind !== 'space' && token.kind !== 'comment' };
    if (token.kind === 'operator' && '([{'.includes(token.text)) depth += 1;
    if (token.kind === 'operator' && ')]}'.includes(token.text)) depth -= 1;
    if (token.kind === 'newline') isStart = depth === 0;
    else if (token.kind === 'operator' && depth === 0 && (token.text === ';' || token.text === ':')) isStart = true;
    else if (token.kind !== 'space' && token.kind !== 'comment') isStart = false;
    return here;
  });
}

/** Index of the nearest token before (`step` -1) or after (+1) that is code, within brackets newlines are no code. */
export function neighbour(tokens: readonly Token[], from: number, step: 1 | -1): Token | undefined {
  for (let at = from + step; at >= 0 && at < tokens.length; at += step) {
    const token = tokens[at];
    if (token !== undefined && token.kind !== 'space' && token.kind !== 'comment') return token;
  }
  return undefined;
}

/** Tokens with their bracket depths and statement starts, read once. */
export interface Scan {
  readonly tokens: readonly Token[];
  readonly marks: ReturnType<typeof statementStarts>;
}

export function scan(tokens: readonly Token[]): Scan {
  return { tokens, marks: statementStarts(tokens) };
}

/** True where a name token names a variable: no attribute, no keyword argument. */
export function isReference({ tokens, marks }: Scan, index: number): boolean {
  const before = neighbour(tokens, index, -1);
  const after = neighbour(tokens, index, 1);
  const isKeyword = after?.text === '=' && (before?.text === '(' || before?.text === ',' || before?.kind === 'newline');
  return before?.text !== '.' && !(isKeyword && (marks[index]?.depth ?? 0) > 0);
}

/** Tag for Python source in a template: backslashes stay as written. */
export const py = String.raw;

/** The characters of a text, last first. */
export function reversed(text: string): string {
  return Array.from(text).reverse().join('');
}
