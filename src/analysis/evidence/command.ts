// Owns what a started process is: its words, its text, the data in it. May import python. Start at commandOf.
import { isShellExecute, isToldTo, shellWords, wordsOf } from '../python/flow/commands.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { CLEAN, type Taint, unite } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf, truth, type Value } from '../python/flow/value.ts';
import { JAVASCRIPT, PYTHON, programPattern, SCRIPTING, SHELLS } from '../vocabulary/programs.ts';

export interface Command {
  /** the whole command line, holes as `‹…›` */
  readonly text: string;
  readonly words: readonly string[];
  /** last path segment of the program, lower case, without `.exe` */
  readonly program: string;
  /** programs of all parts of a shell's line, `a && b | c`; the program alone where no shell reads it */
  readonly programs: readonly string[];
  readonly taint: Taint;
  /** data handed over on standard input */
  readonly input: Taint;
  /** data in text that the program is handed to run: `node -e text`, `sh -c text` */
  readonly inline: Taint;
  readonly isShell: boolean;
  /** no window, output thrown away or detached */
  readonly isHidden: boolean;
}

/** Reads a `process` event. */
export function commandOf(event: CallEvent): Command {
  const made = event.receiver?.kind === 'ref' ? event.receiver.call : undefined;
  if (made !== undefined && isToldTo(event.name)) {
    const started = commandOf({
      ...event,
      name: made.name,
      args: made.args,
      keywords: made.keywords,
      receiver: undefined,
    });
    const handed = event.args[0] ?? event.keywords.get('input');
    return { ...started, input: handed === undefined ? started.input : taintOf(handed) };
  }
  const { args, keywords, name } = event;
  const values = wordsOf(name, args, keywords);
  const words = values.map((w) => textOf(w));
  let taint = CLEAN;
  for (const arg of args) taint = unite(taint, taintOf(arg));
  const named = keywords.get('args') ?? keywords.get('cmd') ?? keywords.get('CommandLine');
  if (named !== undefined) taint = unite(taint, taintOf(named));
  const input = keywords.get('input');
  const first = args[0] ?? named;
  const raw =
    first === undefined ? '' : first.kind === 'sequence' ? words.join(' ') : args.map((a) => textOf(a)).join(' ');
  const shell = keywords.get('shell');
  const text = raw === '' || name.startsWith('sh.') || isShellExecute(name) ? words.join(' ') : raw;
  const isShell =
    /^os\.(?:system|popen)|getoutput|getstatusoutput|create_subprocess_shell/.test(name) ||
    (shell !== undefined && truth(shell) === true);
  const parts = isShell ? partsOf(text) : [words];
  const programs = parts.map(programOf);
  const program = programs[parts.findIndex((part) => part[0] !== 'cd')] ?? programs[0] ?? '';
  return {
    text,
    words,
    program,
    programs,
    taint,
    input: input === undefined ? CLEAN : taintOf(input),
    inline: inlineOf(words, values),
    isShell,
    isHidden: isHiddenCall(event),
  };
}

const MAX_PARTS = 40;

/** The commands of a shell's line, as words: what `;`, `&`, `|` and line ends part, outside of quotes. */
export function partsOf(text: string): string[][] {
  const parts: string[] = [];
  let part = '';
  let quote = '';
  for (const c of text.slice(0, 20_000)) {
    if (quote !== '') {
      if (c === quote) quote = '';
      part += c;
    } else if (/[;&|\n]/.test(c) && !/[<>]$/.test(part)) {
      parts.push(part);
      part = '';
    } else {
      if (c === '"' || c === "'") quote = c;
      part += c;
    }
  }
  parts.push(part);
  return parts
    .map((one) => shellWords(one).filter((word) => !/^\d*[<>]/.test(word)))
    .filter((words) => words.length > 0)
    .slice(0, MAX_PARTS);
}

/** Programs and the flag behind which text stands that they run. */
const INLINE: readonly (readonly [RegExp, RegExp])[] = [
  [programPattern(PYTHON, SHELLS), /^-\w*c$/],
  [programPattern(JAVASCRIPT, 'electron'), /^(?:-e|--eval|-p|--print|-pe|eval)$/],
  [/^php$/, /^-r$/],
  [programPattern(SCRIPTING), /^-\w*[eE]$/],
  [/^(?:powershell|pwsh)$/, /^-(?:c|command|e|ec|enc|encodedcommand)$/i],
];

/** A word that is not known is text from elsewhere. */
function inlineOf(words: readonly string[], values: readonly Value[]): Taint {
  for (const [program, flag] of INLINE) {
    const at = words.findIndex((word) => program.test(baseName(word)));
    const flagAt = at < 0 ? -1 : words.findIndex((word, i) => i > at && flag.test(word));
    const code = flagAt < 0 ? undefined : values[flagAt + 1];
    if (code !== undefined && textOf(code).includes('‹')) return taintOf(code);
  }
  return CLEAN;
}

/** The last segment of a path, of either system. */
export function lastSegment(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function baseName(word: string): string {
  return lastSegment(word)
    .toLowerCase()
    .replace(/\.(?:exe|cmd)$/, '');
}

function programOf(words: readonly string[]): string {
  let at = 0;
  if (/^cd$/i.test(words[0] ?? '')) at = Math.max(0, words.findIndex((w) => /^(?:&&|;|&)$/.test(w)) + 1);
  while (
    at < words.length - 1 &&
    (/^(?:sudo|start|cmd|cmd\.exe|\/c|\/b|\/k|\/min|nohup|exec|env|call|bash|sh|-c|-lc|"")$|^\w+=\S*$/i.test(
      words[at] ?? '',
    ) ||
      // `sudo -n cat`
      (/^-[nEHbkS]+$/.test(words[at] ?? '') && /^(?:sudo|-[nEHbkS]+)$/.test(words[at - 1] ?? '')))
  ) {
    if (/^(?:bash|sh|cmd(?:\.exe)?)$/i.test(words[at] ?? '') && !/^(?:-\w*c|\/[ck])$/i.test(words[at + 1] ?? '')) break;
    at++;
  }
  const word = words[at] ?? '';
  const inner = /^\S*\s/.test(word) ? (word.trim().split(/\s+/)[0] ?? word) : word;
  return baseName(inner);
}

function isHiddenCall({ keywords }: CallEvent): boolean {
  const flags = keywords.get('creationflags');
  if (flags !== undefined && /134217728|CREATE_NO_WINDOW|DETACHED_PROCESS|‹.*›|^8$/.test(textOf(flags))) return true;
  if (keywords.has('startupinfo')) return true;
  return keywords.has('start_new_session') || keywords.has('preexec_fn');
}
