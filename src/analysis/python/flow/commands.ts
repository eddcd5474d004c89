// Owns commands that start Python again: `-c` text, files of the archive, files written before. May import machine. Start at followCommand.
import { PYTHON, SHELLS, WINDOWS_SHELLS } from '../../vocabulary/programs.ts';
import { elementsOf } from './elements.ts';
import { emit } from './events.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { CLEAN, type Taint, unite } from './taint.ts';
import { textOf } from './text.ts';
import { type ExternalCall, type Site, str, TRUE, taintOf, template, type Value } from './value.ts';

const SHELL = new RegExp(`(?:^|[\\\\/])(?:${SHELLS}|(?:${WINDOWS_SHELLS})(?:\\.exe)?)$`, 'i');
const PYTHON_PROGRAM = new RegExp(`(?:^|[\\\\/"'])(?:${PYTHON})(?:\\.exe)?["']?$`, 'i');

/** `ShellExecuteW(window, verb, file, parameters, folder, show)`. */
const SHELL_EXECUTE = /(?:^|\.)(?:shell32\.ShellExecute[AW]|win32api\.ShellExecute|ShellExecuteEx)$/;

/** Whether a call starts a program as the desktop of Windows does: what it is handed first is a window, or nothing. */
export function isShellExecute(name: string): boolean {
  return SHELL_EXECUTE.test(name);
}

/** The verb `runas` stands in front, as the program of that name would; `open` says nothing. */
function desktopWords([, verb, file, parameters]: readonly Value[], keywords: ReadonlyMap<string, Value>): Value[] {
  const how = verb ?? keywords.get('lpVerb');
  const what = file ?? keywords.get('lpFile');
  const more = parameters ?? keywords.get('lpParameters');
  const known: Value[] = [];
  for (const word of [what, more]) {
    if (word === undefined || word.kind === 'none') continue;
    if (word.kind === 'str') known.push(...shellWords(word.value).map((one) => str(one, word.taint)));
    else known.push(word);
  }
  return how?.kind === 'str' && how.value === 'runas' ? [how, ...known] : known;
}

/** The words of a command: a list as it is, text split as a shell would. */
export function wordsOf(name: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value[] {
  if (isShellExecute(name)) return desktopWords(args, keywords);
  const command = args[0] ?? keywords.get('args') ?? keywords.get('cmd') ?? keywords.get('CommandLine');
  // the module `sh`: each function is the program of its name
  const program = /^sh\.(\w+)$/.exec(name)?.[1];
  if (program !== undefined) return [str(program), ...args];
  if (command === undefined) return [];
  const options = command.kind === 'union' ? command.options : [command];
  const [first] = /^os\.(?:spawn|posix_spawn)/.test(name) && args.length > 1 ? [args[1]] : options;
  if (first === undefined) return [];
  const known = first.kind === 'sequence' ? first.elements : undefined;
  if (known !== undefined) {
    // `os.execv(path, [argv0, …])`, `os.spawnl(mode, path, …)`
    return known.flatMap((k) => (k.kind === 'sequence' ? (elementsOf(k) ?? [k]) : [k]));
  }
  const words = shellWords(textOf(first)).map((w) => str(w, taintOf(first)));
  // What `os.popen` is handed second is a mode.
  const more = (name === 'os.popen' ? [] : args.slice(1)).flatMap((a) =>
    a.kind === 'sequence' ? a.elements : a.kind === 'str' || a.kind === 'template' ? [a] : [],
  );
  return [...words, ...more];
}

/** A line that only a shell understands. */
const SHELL_LINE =
  /^\s*(?:(?:curl|wget)\s[^\n]{0,400}(?:\||&&|;)|(?:powershell|pwsh)(?:\.exe)?\s+-|cmd(?:\.exe)?\s+\/c\s|(?:ba|z|da)?sh\s+-c\s|certutil(?:\.exe)?\s+-|mshta(?:\.exe)?\s|rundll32(?:\.exe)?\s|schtasks(?:\.exe)?\s+\/|rm\s+-rf?\s|nohup\s|python3?\s+-c\s)/i;

/** A function that was picked out of others (`choices[0](…)`, `getattr(os, name)(…)`), and is handed what a shell is handed. */
export function isPickedShell(name: string, [line]: readonly Value[], { node }: Site): boolean {
  if (line?.kind !== 'str' || node.kind !== 'Call' || !/^\?|‹dynamic›|__subclasses__\(\)\[\]$/.test(name)) return false;
  return (node.func.kind === 'Subscript' || node.func.kind === 'Call') && SHELL_LINE.test(line.value);
}

/** Splits as a POSIX shell would, quotes removed; never fails. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  for (let i = 0; i < text.length && words.length < 400; i++) {
    const c = text[i]!;
    if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1);
      word += end < 0 ? text.slice(i + 1) : text.slice(i + 1, end);
      inWord = true;
      if (end < 0) break;
      i = end;
    } else if (/\s/.test(c)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else {
      word += c;
      inWord = true;
    }
  }
  if (inWord) words.push(word);
  return words;
}

/** A method by which a program that was started is told something on its input. */
export function isToldTo(name: string): boolean {
  return /^(?:subprocess\.Popen|os\.popen)\(\)\./.test(name);
}

/** Reads the Python that a command starts, in the context of the command. */
export function followCommand(
  machine: Machine,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
  started?: ExternalCall,
): void {
  if (machine.layers.length >= 6) return;
  // `Popen(words).communicate(input)`: what was started is told something.
  const isTold = isToldTo(name) && started !== undefined;
  const handed = isTold ? args[0] : undefined;
  const words = isTold ? wordsOf(started.name, started.args, started.keywords) : wordsOf(name, args, keywords);
  const input = keywords.get('input');
  let taint: Taint = CLEAN;
  for (const word of words) taint = unite(taint, taintOf(word));
  const script = input ?? handed;
  const program = words[0] === undefined ? '' : textOf(words[0]).trim();
  if (
    script !== undefined &&
    SHELL.test(program) &&
    words.every((word, i) => i === 0 || /^[-/]\w*$/.test(textOf(word)))
  ) {
    readLines(machine, program, script, site);
    return;
  }
  const at = words.findIndex((w) => PYTHON_PROGRAM.test(textOf(w).trim()) || textOf(w) === '%PYTHON%');
  if (at >= 0) {
    const rest = words.slice(at + 1);
    const flag = rest.findIndex((w) => /^-[a-zA-Z]*c$/.test(textOf(w)));
    if (flag >= 0 && rest[flag + 1] !== undefined) {
      runValue(machine, rest[flag + 1]!, `${name} python -c`, site);
      return;
    }
    if (script !== undefined && rest.every((word) => textOf(word).startsWith('-'))) {
      emit(machine, { sink: 'exec', name: 'exec', args: [script], keywords: NO_KEYWORDS, receiver: undefined, site });
      if (script.kind === 'str' || script.kind === 'bytes') runValue(machine, script, `${name} python <input`, site);
      return;
    }
    const module = rest.findIndex((w) => textOf(w) === '-m');
    if (module >= 0 && rest[module + 1] !== undefined) {
      const parsed = machine.program.findModule(textOf(rest[module + 1]!), site.unit);
      if (parsed !== undefined) machine.load(parsed);
      return;
    }
    const file = rest.find((w) => !textOf(w).startsWith('-'));
    if (file !== undefined) startFile(machine, textOf(file), name, site);
    return;
  }
  const [first, second] = words;
  if (second !== undefined && SHELL.test(program)) {
    const path = textOf(second);
    const left = path.length < 3 ? undefined : machine.written.findLast((one) => one.path === path);
    // What was fetched into it is a program that was dropped.
    if (left?.content.kind === 'str' || left?.content.kind === 'bytes') readLines(machine, program, left.content, site);
  }
  if (first !== undefined) startFile(machine, textOf(first), name, site);
}

/** Lines that a shell reads, from its input or from a file that was written before: commands like any other. */
function readLines(machine: Machine, program: string, lines: Value, site: Site): void {
  const isOther = /powershell|pwsh/i.test(program);
  const command = isOther ? template([`${program} -Command `, lines], taintOf(lines)) : asText(lines);
  const keywords = new Map([['shell', TRUE]]);
  emit(machine, { sink: 'process', name: 'os.system', args: [command], keywords, receiver: undefined, site });
}

function asText(value: Value): Value {
  return value.kind === 'bytes' ? str(value.value, value.taint) : value;
}

function runValue(machine: Machine, value: Value, by: string, site: Site): void {
  const text = textOf(value);
  if (text.length > 8) machine.runText(text, by, taintOf(value), undefined, site, 'exec');
}

/** A file that the program wrote before, or one of the archive. */
function startFile(machine: Machine, path: string, by: string, site: Site): void {
  if (path.length < 3) return;
  for (const written of machine.written) {
    if (written.path !== path || (written.content.kind !== 'str' && written.content.kind !== 'bytes')) continue;
    machine.runText(
      written.content.value,
      `${by} of a file written before`,
      taintOf(written.content),
      undefined,
      site,
      'exec',
    );
    return;
  }
  if (!/\.pyw?$/.test(path)) return;
  const parsed = machine.program.findScript(path, site.unit);
  if (parsed !== undefined) machine.load(parsed);
}
