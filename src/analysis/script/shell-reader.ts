// Owns cutting shell text into pipelines of commands, with quotes, variables and substitutions resolved as far as they
// are constant. May import nothing. Start at readPipelines.

export interface Redirect {
  /** `>`, `>>`, `<`, `<<<`, `>&` … without the file descriptor */
  readonly operator: string;
  readonly target: string;
}

export interface ShellCommand {
  /** as the shell would see them; unknown variables stay `$NAME`, substitutions `$(…)` */
  readonly words: readonly string[];
  readonly redirects: readonly Redirect[];
  /** body of a here-document or here-string */
  readonly input: string | undefined;
  readonly line: number;
}

interface Draft {
  words: string[];
  redirects: Redirect[];
  input: string | undefined;
  line: number;
  isDisguised: boolean;
}

export interface Pipeline {
  readonly commands: readonly ShellCommand[];
  readonly line: number;
  /** ended by `&` */
  readonly isBackground: boolean;
}

export interface ShellScript {
  readonly pipelines: readonly Pipeline[];
  /** quotes, backslashes or `$IFS` inside words, that change nothing but the looks */
  readonly disguised: number;
  readonly isTruncated: boolean;
}

const MAX_WORDS = 200_000;
const MAX_NESTING = 20;
/** A constant grows no further than this by substitution into itself. */
const MAX_VALUE = 100_000;
const MAX_VARIABLES = 2000;

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'while',
  'until',
  'esac',
  '!',
  '{',
  '}',
  'time',
  'coproc',
]);
/** Nobody hides an echo. */
const WORTH_HIDING =
  /^(?:\/\w{1,20}){0,4}\/?(?:curl|wget|(?:ba|z|da)?sh|python[\d.]*|perl|ruby|node|nc|ncat|base64|eval|exec|rm|chmod|cat|dd|scp|ssh|crontab|openssl|xxd|id|whoami|uname|env|source)$/;
/** Stands for an unquoted `$IFS` until the word is whole. */
const FIELD_SEPARATOR = '\x01';
const OPERATORS = new Set([';', '&', '|', '(', ')', '\n']);

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  e: '\x1b',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

class ShellReader {
  readonly pipelines: Pipeline[] = [];
  disguised = 0;
  isTruncated = false;
  private readonly text: string;
  private readonly variables: Map<string, string>;
  private readonly nesting: number;
  private at = 0;
  private line: number;
  private left = MAX_WORDS;
  private commands: ShellCommand[] = [];
  /** the command that is being read; a here-document fills in its input later */
  private draft: Draft = { words: [], redirects: [], input: undefined, line: 0, isDisguised: false };
  private pendingRedirect: string | undefined;
  /** here-documents whose bodies begin at the next line */
  private waiting: { readonly mark: string; readonly isStripped: boolean; readonly command: Draft }[] = [];

  constructor(text: string, line: number, variables: Map<string, string>, nesting: number) {
    this.text = text;
    this.line = line;
    this.variables = variables;
    this.nesting = nesting;
  }

  run(): void {
    while (this.at < this.text.length) {
      if (--this.left < 0) {
        this.isTruncated = true;
        break;
      }
      this.step();
    }
    this.endPipeline(false);
  }

  private step(): void {
    const { text } = this;
    const c = text[this.at]!;
    if (c === ' ' || c === '\t' || c === '\r') this.at++;
    else if (c === '\n') {
      this.endPipeline(false);
      this.at++;
      this.line++;
      this.takeDocuments();
    } else if (c === '#') this.skipComment();
    else if (c === '\\' && text[this.at + 1] === '\n') {
      this.at += 2;
      this.line++;
    } else if (c === '|' || c === '&' || c === ';' || c === '(' || c === ')') this.stepOperator(c);
    else if (c === '<' || c === '>') this.stepRedirect();
    else this.takeWord(this.readWord());
  }

  private skipComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private stepOperator(c: string): void {
    const next = this.text[this.at + 1];
    if (c === '&' && next === '>') {
      this.at += this.text[this.at + 2] === '>' ? 3 : 2;
      this.pendingRedirect = '>';
      return;
    }
    if (c === '|' && next !== '|') {
      this.at += next === '&' ? 2 : 1;
      this.endCommand();
      return;
    }
    this.at += next === c ? 2 : 1;
    this.endPipeline(c === '&' && next !== '&');
  }

  private stepRedirect(): void {
    const match = /^(?:<<<|<<-?|>>|>&|<&|<>|>\||[<>])/.exec(this.text.slice(this.at, this.at + 3));
    const operator = match?.[0] ?? '>';
    if ((operator === '<' || operator === '>') && this.text[this.at + 1] === '(') {
      // process substitution: a word
      this.takeWord(this.readWord());
      return;
    }
    this.at += operator.length;
    // a descriptor before the operator is no word
    if (
      /^\d$/.test(this.draft.words[this.draft.words.length - 1] ?? '') &&
      /\d/.test(this.text[this.at - operator.length - 1] ?? '')
    ) {
      this.draft.words.pop();
    }
    this.pendingRedirect = operator;
  }

  private takeWord(word: string): void {
    const { draft, pendingRedirect: operator } = this;
    if (draft.words.length === 0 && draft.redirects.length === 0) draft.line = this.line;
    if (operator === undefined) {
      this.addWord(word);
      return;
    }
    this.pendingRedirect = undefined;
    if (operator === '<<' || operator === '<<-') {
      this.waiting.push({ mark: word, isStripped: operator === '<<-', command: draft });
    } else if (operator === '<<<') draft.input = word;
    else draft.redirects.push({ operator, target: word });
  }

  private takeDocuments(): void {
    for (const { mark, isStripped, command } of this.waiting) {
      const lines: string[] = [];
      while (this.at < this.text.length) {
        const found = this.text.indexOf('\n', this.at);
        const end = found < 0 ? this.text.length : found;
        const raw = this.text.slice(this.at, end);
        const line = isStripped ? raw.replace(/^\t+/, '') : raw;
        this.at = Math.min(end + 1, this.text.length);
        this.line++;
        if (line.trimEnd() === mark) break;
        lines.push(line);
      }
      command.input = lines.join('\n');
    }
    this.waiting = [];
  }

  private addWord(word: string): void {
    if (this.draft.words.length === 0) {
      if (KEYWORDS.has(word)) return;
      const assignment = /^([A-Za-z_]\w{0,80})(\+?)=([\s\S]*)$/.exec(word);
      if (assignment !== null) {
        this.assign(assignment[1]!, assignment[2] === '+', assignment[3]!);
        return;
      }
    }
    // `${IFS}` and unquoted blanks in a variable's value make several words
    if (word.includes(FIELD_SEPARATOR)) this.disguised++;
    if (/[\0\x01]/.test(word)) this.draft.words.push(...word.split(/[\0\x01]/, 1000));
    else this.draft.words.push(word);
  }

  private assign(name: string, isAppended: boolean, value: string): void {
    const before = isAppended ? (this.variables.get(name) ?? '') : '';
    if (this.variables.size < MAX_VARIABLES || this.variables.has(name)) {
      this.variables.set(name, (before + value).replaceAll(/[\0\x01]/g, ' ').slice(0, MAX_VALUE));
    }
  }

  private endCommand(): void {
    this.pendingRedirect = undefined;
    if (this.draft.words[0] === 'export' || this.draft.words[0] === 'local' || this.draft.words[0] === 'declare') {
      for (const word of this.draft.words.slice(1)) {
        const found = /^([A-Za-z_]\w{0,80})=([\s\S]*)$/.exec(word);
        if (found !== null) this.assign(found[1]!, false, found[2]!);
      }
    }
    const { draft } = this;
    if (draft.isDisguised && WORTH_HIDING.test(draft.words[0] ?? '')) this.disguised++;
    if (draft.words.length > 0 || draft.redirects.length > 0 || draft.input !== undefined) this.commands.push(draft);
    this.draft = { words: [], redirects: [], input: undefined, line: this.line, isDisguised: false };
  }

  private endPipeline(isBackground: boolean): void {
    this.endCommand();
    if (this.commands.length === 0) return;
    this.pipelines.push({ commands: this.commands, line: this.commands[0]!.line, isBackground });
    this.commands = [];
  }

  // ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private readWord(): string {
    const { text } = this;
    const parts: string[] = [];
    const start = this.at;
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (c === ' ' || c === '\t' || c === '\r' || OPERATORS.has(c)) break;
      if ((c === '<' || c === '>') && (text[this.at + 1] !== '(' || this.at > start)) break;
      parts.push(this.readPiece(c, start));
    }
    return parts.join('');
  }

  private readPiece(c: string, start: number): string {
    const { text } = this;
    switch (c) {
      case '<':
      case '>':
        this.at++;
        return `${c}${this.readSubstitution(1, ')')}`;
      case "'": {
        this.noteDisguise(start);
        const end = text.indexOf("'", this.at + 1);
        const stop = end < 0 ? text.length : end;
        const quoted = text.slice(this.at + 1, stop);
        this.countLines(quoted);
        this.at = stop + 1;
        return quoted;
      }
      case '"':
        this.noteDisguise(start);
        this.at++;
        return this.readDoubleQuoted();
      case '`':
        return this.readSubstitution(1, '`');
      case '$':
        return this.readDollar(false);
      case '\\': {
        const escaped = text[this.at + 1] ?? '';
        if (/\w/.test(escaped)) this.noteDisguise(start);
        this.at += 2;
        if (escaped !== '\n') return escaped;
        this.line++;
        return '';
      }
      default: {
        const from = this.at;
        while (this.at < text.length && !/[\s'"`$\\|&;()<>]/.test(text[this.at]!)) this.at++;
        if (this.at === from) this.at++;
        return text.slice(from, this.at);
      }
    }
  }

  /** Quotes and backslashes inside the name of a command change nothing but its looks. */
  private noteDisguise(start: number): void {
    if (this.at > start && this.draft.words.length === 0) this.draft.isDisguised = true;
  }

  private countLines(text: string): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.line++;
  }

  private readDoubleQuoted(): string {
    const { text } = this;
    const parts: string[] = [];
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (c === '"') {
        this.at++;
        break;
      }
      if (c === '\\') {
        const escaped = text[this.at + 1] ?? '';
        parts.push('$`"\\'.includes(escaped) ? escaped : escaped === '\n' ? '' : `\\${escaped}`);
        if (escaped === '\n') this.line++;
        this.at += 2;
      } else if (c === '$') parts.push(this.readDollar(true));
      else if (c === '`') parts.push(this.readSubstitution(1, '`'));
      else {
        const from = this.at;
        while (this.at < text.length && !'"\\$`'.includes(text[this.at]!)) {
          if (text[this.at] === '\n') this.line++;
          this.at++;
        }
        parts.push(text.slice(from, this.at));
      }
    }
    return parts.join('');
  }

  private readDollar(isQuoted: boolean): string {
    const { text } = this;
    const next = text[this.at + 1];
    if (next === '(') return this.readSubstitution(2, ')');
    if (next === "'" && !isQuoted) return this.readAnsi();
    if (next === '{') {
      const end = text.indexOf('}', this.at);
      const stop = end < 0 ? text.length : end;
      const inner = text.slice(this.at + 2, stop);
      this.at = stop + 1;
      return this.expand(inner, isQuoted);
    }
    const name = /^[A-Za-z_]\w{0,80}|^[0-9@*#?$!-]/.exec(text.slice(this.at + 1, this.at + 83))?.[0];
    if (name === undefined) {
      this.at++;
      return '$';
    }
    this.at += 1 + name.length;
    return this.expand(name, isQuoted);
  }

  private expand(inner: string, isQuoted: boolean): string {
    if (inner === 'IFS') return isQuoted ? ' ' : FIELD_SEPARATOR;
    const [, name = inner, rest = ''] = /^(\w{1,81})([\s\S]*)$/.exec(inner) ?? [];
    const value = this.variables.get(name);
    if (value === undefined)
      return rest.startsWith(':-') ? rest.slice(2) : `\${${inner}}`.replace(/^\$\{(\w+)\}$/, '$$$1');
    const cut = /^:(-?\d{1,9})(?::(\d{1,9}))?$/.exec(rest);
    const shown =
      cut === null
        ? value
        : value.slice(Number(cut[1]), cut[2] === undefined ? undefined : Number(cut[1]) + Number(cut[2]));
    if (cut !== null) this.disguised++;
    return isQuoted ? shown : shown.replaceAll(' ', '\0');
  }

  private readAnsi(): string {
    const { text } = this;
    const parts: string[] = [];
    this.at += 2;
    this.disguised++;
    while (this.at < text.length && text[this.at] !== "'") {
      if (text[this.at] !== '\\') {
        parts.push(text[this.at++]!);
        continue;
      }
      const match = /^\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|([0-7]{1,3})|([\s\S]))/.exec(
        text.slice(this.at, this.at + 6),
      );
      const [all = '\\', hex, unicode, octal, simple] = match ?? [];
      if (simple !== undefined) parts.push(ANSI_ESCAPES[simple] ?? all);
      else
        parts.push(
          String.fromCharCode(
            octal === undefined ? Number.parseInt(hex ?? unicode ?? '0', 16) : Number.parseInt(octal, 8),
          ),
        );
      this.at += all.length;
    }
    this.at++;
    return parts.join('');
  }

  /** Reads `$(…)`, `` `…` `` or `<(…)`: its commands are read like all others, the word keeps its text. */
  private readSubstitution(opening: number, close: string): string {
    const start = this.at;
    const inner = this.skipBalanced(start + opening, close);
    const line = this.line;
    this.countLines(inner);
    this.at = start + opening + inner.length + 1;
    if (close === ')' && inner.startsWith('(')) return `$(${inner})`; // arithmetic
    if (this.nesting >= MAX_NESTING) {
      this.isTruncated = true;
      return `$(${inner})`;
    }
    const reader = new ShellReader(inner, line, this.variables, this.nesting + 1);
    reader.left = this.left;
    reader.run();
    this.left = reader.left;
    this.disguised += reader.disguised;
    this.isTruncated ||= reader.isTruncated;
    this.pipelines.push(...reader.pipelines.slice(0, 10_000));
    const constant = outputOf(reader.pipelines);
    return constant ?? `$(${inner})`;
  }

  /** Text up to the closing character, brackets and quotes balanced. */
  private skipBalanced(start: number, close: string): string {
    const { text } = this;
    let depth = 0;
    for (let at = start; at < text.length; at++) {
      const c = text[at]!;
      if (c === '\\') at++;
      else if (c === close && depth === 0) return text.slice(start, at);
      else if (close === ')' && c === '(') depth++;
      else if (close === ')' && c === ')') depth--;
      else if (c === "'" && close === ')') {
        const end = text.indexOf("'", at + 1);
        if (end > 0) at = end;
      }
    }
    return text.slice(start);
  }
}

/** What `$(echo …)` gives. */
function outputOf(pipelines: readonly Pipeline[]): string | undefined {
  const [only] = pipelines;
  if (pipelines.length !== 1 || only?.commands.length !== 1) return undefined;
  return echoed(only.commands[0]!);
}

/** The constant text that an echo or printf writes; undefined when it is no such command, or not constant. */
export function echoed(command: ShellCommand): string | undefined {
  const [program, ...rest] = command.words;
  if (program !== 'echo' && program !== 'printf') return undefined;
  const words = rest.filter((word, i) => !(i === 0 && /^-[neE]{1,3}$/.test(word)));
  const text = words.join(' ');
  if (/\$[({A-Za-z_]/.test(text)) return undefined;
  const isEscaped = program === 'printf' || rest[0]?.includes('e') === true;
  return isEscaped ? readOctalAndHex(text) : text;
}

function readOctalAndHex(text: string): string {
  return text.replaceAll(/\\(?:x([\da-fA-F]{1,2})|0?([0-7]{1,3})|n)/g, (_all, hex?: string, octal?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return octal === undefined ? '\n' : String.fromCharCode(Number.parseInt(octal, 8));
  });
}

/**
 * Reads shell text into pipelines, those inside substitutions before the one they stand in. Constant variables, echoed
 * text and disguises (`c''url`, `cu\rl`, `$IFS`) are resolved. Never throws; bounded.
 *
 * @param line number of the text's first line
 */
export function readPipelines(text: string, line: number): ShellScript {
  const reader = new ShellReader(text, line, new Map(), 0);
  reader.run();
  return { pipelines: reader.pipelines, disguised: reader.disguised, isTruncated: reader.isTruncated };
}
