// Owns what shell text does. May import shell-reader.ts, commands.ts, facts.ts. Start at readShell.
import { Buffer } from 'node:buffer';
import {
  HTTP_CLIENTS,
  JAVASCRIPT,
  NETCATS,
  PYTHON,
  programPattern,
  SCRIPTING,
  SHELLS,
} from '../vocabulary/programs.ts';
import { factsOfCommand, programOf } from './commands.ts';
import { type FactSheet, MAX_LAYERS } from './facts.ts';
import { guessLanguage } from './language.ts';
import { echoed, type Pipeline, readPipelines, type ShellCommand } from './shell-reader.ts';

/** Programs that run what comes in on standard input. */
const SHELL = programPattern(SHELLS);
const INTERPRETER = programPattern(PYTHON, JAVASCRIPT, SCRIPTING, 'powershell|pwsh');
/** Programs that write what they fetch to standard output. */
const TO_OUTPUT = programPattern(HTTP_CLIENTS, NETCATS, 'aria2c|fetch|lwp-request|GET|https?|gsutil|aws');
const PERSISTENT_FILE =
  /\.(?:bashrc|bash_profile|profile|zshrc|zprofile|zshenv|bash_login|xinitrc|xprofile)$|\/etc\/(?:cron|rc\.local|profile|init\.d|systemd|ld\.so\.preload)|\/cron\.|crontabs\/|authorized_keys|LaunchAgents|LaunchDaemons|\.config\/(?:autostart|systemd)|sitecustomize\.py|usercustomize\.py|\.pth$/;
/** Disguised command names from which it is no accident. */
const MANY_DISGUISES = 2;

function snippetOf(lines: readonly string[], line: number, first: number): string {
  return lines[line - first] ?? '';
}

/** Undoes what a filter of a pipeline does to constant text: base64, hex, rev, gzip is left alone. */
function filtered(command: ShellCommand, text: string): string | undefined {
  const [program, ...rest] = command.words;
  const options = rest.join(' ');
  const isDecoding = /(?:^|\s)(?:-d|-D|--decode)\b/.test(options);
  if (program === 'base64' || (program === 'openssl' && /\bbase64\b/.test(options))) {
    return isDecoding ? Buffer.from(text, 'base64').toString('utf8') : undefined;
  }
  if (program === 'xxd' && /-r/.test(options)) return Buffer.from(text.replaceAll(/\s/g, ''), 'hex').toString('utf8');
  if (program === 'rev') return text.split('\n').map(reversed).join('\n');
  if (program === 'tr' && rest.length === 2 && /^[A-Za-z]-/.test(rest[0] ?? ''))
    return rotated(text, rest[0] ?? '', rest[1] ?? '');
  return program === 'cat' && rest.length === 0 ? text : undefined;
}

function reversed(line: string): string {
  return Array.from(line).reverse().join('');
}

/** `tr A-Za-z N-ZA-Mn-za-m`. */
function rotated(text: string, from: string, to: string): string | undefined {
  const left = spread(from);
  const right = spread(to);
  if (left === undefined || right === undefined || left.length !== right.length) return undefined;
  return text.replaceAll(/[A-Za-z0-9]/g, (c) => right[left.indexOf(c)] ?? c);
}

function spread(set: string): string | undefined {
  if (set.length > 60) return undefined;
  return set.replaceAll(/([A-Za-z0-9])-([A-Za-z0-9])/g, (all, a: string, b: string) => {
    const count = b.charCodeAt(0) - a.charCodeAt(0) + 1;
    return count < 1 || count > 62
      ? all
      : Array.from({ length: count }, (_, i) => String.fromCharCode(a.charCodeAt(0) + i)).join('');
  });
}

/** Reads one layer of shell text into the sheet. */
class ShellLayer {
  private readonly sheet: FactSheet;
  private readonly lines: readonly string[];
  private readonly first: number;
  private readonly layer: number;

  constructor(sheet: FactSheet, text: string, first: number, layer: number) {
    this.sheet = sheet;
    this.lines = text.split('\n');
    this.first = first;
    this.layer = layer;
  }

  read(pipelines: readonly Pipeline[]): void {
    for (const pipeline of pipelines) {
      this.readPipeline(pipeline);
      for (const command of pipeline.commands) this.readCommand(command, pipeline);
    }
  }

  private snippet(line: number): string {
    return snippetOf(this.lines, line, this.first);
  }

  /** What flows through a pipeline: fetched or constant text, and an interpreter at its end. */
  private readPipeline({ commands, line }: Pipeline): void {
    let text: string | undefined = commands[0]?.input ?? (commands[0] === undefined ? undefined : echoed(commands[0]));
    let isFetched = false;
    let isDecoded = false;
    for (const [i, command] of commands.entries()) {
      const program = programOf(command.words);
      if (TO_OUTPUT.test(program)) isFetched = true;
      if (i > 0 || command.input !== undefined) {
        const isShell = SHELL.test(program) || program === 'source' || program === 'eval' || program === '.';
        if ((isShell || INTERPRETER.test(program)) && this.readsInput(command)) {
          this.run(text, isFetched, isDecoded, program, line);
          return;
        }
        const next = text === undefined ? undefined : filtered(command, text);
        if (next !== undefined && program !== 'cat') isDecoded = true;
        if (i > 0) text = next;
      }
      if (/^(?:base64|openssl|xxd)$/.test(program) && /-(?:d|D|r)\b|--decode/.test(command.words.join(' ')))
        isDecoded = true;
    }
  }

  /** An interpreter without a script of its own reads its input. */
  private readsInput(command: ShellCommand): boolean {
    const rest = command.words.slice(
      command.words.findIndex((word) => programOf([word]) === programOf(command.words)) + 1,
    );
    if (rest.includes('-c') || rest.includes('-e')) return false;
    return rest.every((word) => word.startsWith('-') || word === '/dev/stdin');
  }

  private run(text: string | undefined, isFetched: boolean, isDecoded: boolean, program: string, line: number): void {
    const snippet = this.snippet(line);
    if (isFetched) this.sheet.add('pipe-to-shell', line, snippet, `what is fetched is run by ${program}`);
    else if (isDecoded) {
      this.sheet.add('encoded-command', line, snippet, `decoded text is run by ${program}`, text);
      this.sheet.add('pipe-to-shell', line, snippet, `decoded text is run by ${program}`);
    }
    if (text !== undefined && text.trim() !== '') this.nest(text, program, line);
  }

  /** Code inside code. */
  private nest(text: string, program: string, line: number): void {
    const language = SHELL.test(program) || /^(?:source|eval|\.)$/.test(program) ? 'shell' : languageOf(program);
    this.sheet.embed({ language: language ?? guessLanguage(text)?.language ?? 'unknown', text, line, how: program });
    if (language === 'shell') readShellLayer(this.sheet, text, line, this.layer + 1);
  }

  private readCommand(command: ShellCommand, pipeline: Pipeline): void {
    const { line, words, redirects } = command;
    const snippet = this.snippet(line);
    for (const { operator, target } of redirects) {
      if (/^\/dev\/(?:tcp|udp)\//.test(target)) this.sheet.add('reverse-shell', line, snippet, target);
      if (!operator.startsWith('>')) continue;
      if (PERSISTENT_FILE.test(target)) this.sheet.add('persistence', line, snippet, `${operator} ${target}`);
    }
    if (words.length === 0) return;
    factsOfCommand(this.sheet, words, { line, snippet, isBackground: pipeline.isBackground });
    const program = programOf(words);
    const code = codeArgument(words, program);
    if (code !== undefined) this.nest(code, program, line);
    if (program === 'eval' && words.length > 1) {
      const text = words.slice(1).join(' ');
      this.sheet.add('dynamic-code', line, snippet, 'eval');
      readShellLayer(this.sheet, text, line, this.layer + 1);
    }
    const joined = words.join(' ');
    if (/^(?:source|\.)$/.test(program) && /<\$?\((?:curl|wget)\b/.test(joined)) {
      this.sheet.add('pipe-to-shell', line, snippet, 'what is fetched is sourced');
    }
    if (SHELL.test(program) && /(?:\$\(|<\$?\()\s{0,8}(?:curl|wget)\b/.test(joined)) {
      this.sheet.add('pipe-to-shell', line, snippet, `what is fetched is run by ${program}`);
    }
  }
}

function languageOf(program: string): 'python' | 'javascript' | 'powershell' | undefined {
  if (/^python/.test(program)) return 'python';
  if (program === 'node') return 'javascript';
  return program === 'pwsh' || program === 'powershell' ? 'powershell' : undefined;
}

/** The code behind `-c` or `-e`. */
function codeArgument(words: readonly string[], program: string): string | undefined {
  if (!SHELL.test(program) && !INTERPRETER.test(program)) return undefined;
  const at = words.findIndex((word) => /^-\w{0,5}[ce]$|^-r$|^--eval$/.test(word));
  return at < 0 ? undefined : words[at + 1];
}

function readShellLayer(sheet: FactSheet, text: string, line: number, layer: number): void {
  if (layer > MAX_LAYERS) {
    sheet.isTruncated = true;
    return;
  }
  const claimed = sheet.claim(text);
  const { pipelines, disguised, isTruncated } = readPipelines(claimed, line);
  if (isTruncated) sheet.isTruncated = true;
  new ShellLayer(sheet, claimed, line, layer).read(pipelines);
  if (disguised >= MANY_DISGUISES) {
    sheet.add(
      'obfuscation',
      line,
      claimed.slice(0, 400),
      `${disguised} command names hidden by quotes, backslashes or $IFS`,
    );
  }
}

/** Reads shell text into the sheet, code inside code too. */
export function readShell(sheet: FactSheet, text: string, line: number): void {
  readShellLayer(sheet, text, line, 0);
}
