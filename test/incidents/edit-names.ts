// Owns: rewrites of names that need no more than tokens: aliases of imports and built-ins, renamed definitions.
// May import: python-text.ts. Pure. Start here: aliasNames, renameDefinitions.
import {
  isReference,
  neighbour,
  type Scan,
  scan,
  statementStarts,
  type Token,
  tokenize,
  untokenize,
} from './python-text.ts';

/** Built-in functions that are given another name when they are called. */
const BUILTINS = new Set(['exec', 'eval', 'open', 'compile', 'getattr', '__import__', 'bytes', 'map']);

/** Gives every absolute import and every built-in function that matters a new, meaningless name. */
export function aliasNames(source: string): string {
  const tokens = tokenize(source);
  const aliases = new Map<string, string>();
  const imported = aliasImports(tokens, aliases);
  const scanned = scan(imported.tokens);
  const called = builtinsCalled(scanned);
  for (const name of called) aliases.set(name, `_f${aliases.size + 1}`);
  const renamed = imported.tokens.map((token, index) => {
    if (token.kind === 'string') return renameInHoles(token, aliases);
    const isRenamed = token.kind === 'name' && isReference(scanned, index) && !imported.fixed.has(index);
    return isRenamed ? { ...token, text: aliases.get(token.text) ?? token.text } : token;
  });
  const separator = source.trimEnd().includes('\n') ? '\n' : ';';
  const preamble = called.map((name) => `${aliases.get(name) ?? name} = ${name}${separator}`).join('');
  return insertAfterImports(renamed, preamble);
}

/** The expressions between the braces of an f-string are code too. */
function renameInHoles(token: Token, names: ReadonlyMap<string, string>): Token {
  if (!/^[rR]?[fF]/.test(token.text)) return token;
  const text = token.text.replace(/\{[^{}]*\}/g, (hole) =>
    hole.replace(/(?<![.\w'"])[A-Za-z_]\w*/g, (name) => names.get(name) ?? name),
  );
  return { ...token, text };
}

interface ImportEdit {
  readonly tokens: readonly Token[];
  /** indexes that the renaming must leave alone: module paths and imported names */
  readonly fixed: ReadonlySet<number>;
}

function aliasImports(tokens: readonly Token[], aliases: Map<string, string>): ImportEdit {
  const starts = statementStarts(tokens);
  const edited: Token[] = [];
  const fixed = new Set<number>();
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const isImport = starts[at]?.starts === true && (token.text === 'import' || token.text === 'from');
    if (!isImport) {
      edited.push(token);
      continue;
    }
    const end = statementEnd(tokens, starts, at);
    const text = aliasStatement(untokenize(tokens.slice(at, end)), aliases);
    for (const piece of tokenize(text)) {
      fixed.add(edited.length);
      edited.push(piece);
    }
    at = end - 1;
  }
  return { tokens: edited, fixed };
}

function statementEnd(tokens: readonly Token[], starts: ReturnType<typeof statementStarts>, from: number): number {
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at];
    const isEnd = token?.kind === 'newline' || token?.text === ';' || token?.kind === 'comment';
    if (isEnd && starts[at]?.depth === 0) return at;
  }
  return tokens.length;
}

/** `import a, b.c as d` or `from m import (x, y as z)`; relative imports and dotted ones without `as` stay as they are. */
function aliasStatement(statement: string, aliases: Map<string, string>): string {
  const from = /^from\s+(\S+)\s+import\s+\(?([\s\S]*?)\)?\s*$/.exec(statement);
  if (from !== null && (from[1]?.startsWith('.') === true || from[1] === '__future__' || from[2] === '*'))
    return statement;
  const list = from?.[2] ?? statement.replace(/^import\s+/, '');
  const pieces = list
    .replace(/#[^\n]*/g, '')
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .map((piece) => aliasPiece(piece, aliases));
  return from === null ? `import ${pieces.join(', ')}` : `from ${from[1] ?? ''} import ${pieces.join(', ')}`;
}

function aliasPiece(piece: string, aliases: Map<string, string>): string {
  const [path = '', bound] = piece.split(/\s+as\s+/);
  if (bound === undefined && path.includes('.')) return piece;
  const name = bound ?? path;
  const alias = aliases.get(name) ?? `_m${aliases.size + 1}`;
  aliases.set(name, alias);
  return `${path} as ${alias}`;
}

function builtinsCalled(source: Scan): string[] {
  const called = new Set<string>();
  source.tokens.forEach((token, index) => {
    if (token.kind !== 'name' || !BUILTINS.has(token.text) || !isReference(source, index)) return;
    called.add(token.text);
  });
  return [...called];
}

/** Puts statements behind the imports at the head of the source (docstring, comments and imports, nothing else). */
export function insertAfterImports(tokens: readonly Token[], preamble: string): string {
  if (preamble === '') return untokenize(tokens);
  const starts = statementStarts(tokens);
  let at = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined || starts[index]?.starts !== true || token.kind === 'newline' || token.text === ';')
      continue;
    const isHead = token.text === 'import' || token.text === 'from' || (token.kind === 'string' && at === 0);
    if (!isHead || tokens[index - 1]?.kind === 'space') break;
    index = statementEnd(tokens, starts, index);
    at = index + 1;
  }
  return `${untokenize(tokens.slice(0, at))}${preamble}${untokenize(tokens.slice(at))}`;
}

/**
 * Renames functions, classes and variables that the source defines and uses by plain name. Names that are also attributes,
 * keyword arguments, parameters or imports, and names with double underscores, stay.
 */
export function renameDefinitions(source: string, includeTopLevel: boolean): string {
  const tokens = tokenize(source);
  const starts = statementStarts(tokens);
  const defined = new Set<string>();
  const excluded = new Set<string>();
  tokens.forEach((token, index) => {
    if (token.kind !== 'name') return;
    const before = neighbour(tokens, index, -1);
    const after = neighbour(tokens, index, 1);
    const isDefinition = before?.text === 'def' || before?.text === 'class';
    const isAssigned = starts[index]?.starts === true && after?.text === '=';
    const isTop = isDefinition ? !isIndented(tokens, index - 2) : !isIndented(tokens, index);
    if ((isDefinition || isAssigned) && (includeTopLevel || !isTop)) defined.add(token.text);
    if (!isReference({ tokens, marks: starts }, index) || isParameter(tokens, index)) excluded.add(token.text);
    if (isDefinition && isMethod(tokens, index)) excluded.add(token.text);
    if ((isDefinition || isAssigned) && !includeTopLevel && isTop) excluded.add(token.text);
  });
  for (const name of importedNames(source)) excluded.add(name);
  const names = new Map<string, string>();
  for (const name of defined) {
    if (!excluded.has(name) && !name.startsWith('__')) names.set(name, NEW_NAMES[names.size] ?? `value_${names.size}`);
  }
  return untokenize(
    tokens.map((token) => {
      if (token.kind === 'string') return renameInHoles(token, names);
      return token.kind === 'name' ? { ...token, text: names.get(token.text) ?? token.text } : token;
    }),
  );
}

/** Names as dull as those of any library. */
const NEW_NAMES = [
  'refresh_state',
  'layout',
  'entry_cache',
  'normalise',
  'backend_info',
  'slot',
  'resolve',
  'window',
  'current',
  'apply_defaults',
  'row',
  'state_table',
  'lookup',
  'cursor',
  'frame',
  'registry',
  'marker',
  'probe',
  'segment',
  'batch',
].map((name) => `_${name}`);

/** A method's name may be part of somebody's protocol. */
function isMethod(tokens: readonly Token[], index: number): boolean {
  const head = untokenize(tokens.slice(index + 1, index + 4));
  return /^\(\s*(?:self|cls)\b/.test(head);
}

function isIndented(tokens: readonly Token[], index: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    const token = tokens[at];
    if (token?.kind === 'newline') return tokens[at + 1]?.kind === 'space';
  }
  return false;
}

function isParameter(tokens: readonly Token[], index: number): boolean {
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const text = tokens[at]?.text ?? '';
    if (text === ')' || text === ']') depth += 1;
    if (text === '(' || text === '[') depth -= 1;
    if (text === 'lambda' && depth === 0) return true;
    if (tokens[at]?.kind === 'newline' && depth === 0) return false;
    if (depth < 0) return tokens.slice(Math.max(0, at - 3), at).some((token) => token.text === 'def');
  }
  return false;
}

function importedNames(source: string): string[] {
  return [...source.matchAll(/\b(?:import|as)\s+([\w, .]+)/g)].flatMap((match) =>
    (match[1] ?? '').split(/[ ,.]+/).filter((name) => name !== ''),
  );
}
