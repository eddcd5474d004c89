// Owns cutting shell text into pipelines of commands, with quotes, variables and substitutions resolved as far as they
// are constant. May import shell-words.ts. Start at readPipelines.
import { FIELD_SEPARATOR, type ShellContext, ShellWords } from './shell-words.ts';

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
class ShellReader extends ShellWords {
  readonly pipelines: Pipeline[] = [];
  private readonly nesting: number;
  private left = MAX_WORDS;
  private commands: ShellCommand[] = [];
  /** the command that is being read; a here-document fills in its input later */
  private draft: Draft = { words: [], redirects: [], input: undefined, line: 0, isDisguised: false };
  private pendingRedirect: string | undefined;
  /** here-documents whose bodies begin at the next line */
  private waiting: { readonly mark: string; readonly isStripped: boolean; readonly command: Draft }[] = [];

  constructor(text: string, line: number, context: ShellContext, nesting: number) {
    super(text, line, context);
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
    const { variables } = this.context;
    const before = isAppended ? (variables.get(name) ?? '') : '';
    if (variables.size < MAX_VARIABLES || variables.has(name)) {
      variables.set(name, (before + value).replaceAll(/[\0\x01]/g, ' ').slice(0, MAX_VALUE));
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

  /** Quotes and backslashes inside the name of a command change nothing but its looks. */
  protected override noteDisguise(start: number): void {
    if (this.at > start && this.draft.words.length === 0) this.draft.isDisguised = true;
  }

  /** Reads `$(…)`, `` `…` `` or `<(…)`: its commands are read like all others, the word keeps its text. */
  protected override readSubstitution(opening: number, close: string): string {
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
    const reader = new ShellReader(inner, line, this.context, this.nesting + 1);
    reader.left = this.left;
    reader.run();
    this.left = reader.left;
    this.disguised += reader.disguised;
    this.isTruncated ||= reader.isTruncated;
    this.pipelines.push(...reader.pipelines.slice(0, 10_000));
    const constant = outputOf(reader.pipelines);
    return constant ?? `$(${inner})`;
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
  const reader = new ShellReader(text, line, { variables: new Map(), expanded: 0 }, 0);
  reader.run();
  return { pipelines: reader.pipelines, disguised: reader.disguised, isTruncated: reader.isTruncated };
}
