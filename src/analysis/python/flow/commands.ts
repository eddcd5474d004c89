// Owns commands that start Python again: `-c` text, files of the archive, files written before. May import machine. Start at followCommand.
import { elementsOf } from './library.ts';
import type { Machine } from './machine.ts';
import { CLEAN, type Taint, unite } from './taint.ts';
import { textOf } from './text.ts';
import { type Site, str, taintOf, type Value } from './value.ts';

const PYTHON = /(?:^|[\\/"'])(?:python[\d.]*w?|py|pythonw|%PYTHON%)(?:\.exe)?["']?$/i;

/** The words of a command: a list as it is, text split as a shell would. */
export function wordsOf(name: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value[] {
  const command = args[0] ?? keywords.get('args') ?? keywords.get('cmd');
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
  const more = args
    .slice(1)
    .flatMap((a) => (a.kind === 'sequence' ? a.elements : a.kind === 'str' || a.kind === 'template' ? [a] : []));
  return [...words, ...more];
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

/** Reads the Python that a command starts, in the context of the command. */
export function followCommand(
  machine: Machine,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): void {
  if (machine.layers.length >= 6) return;
  const words = wordsOf(name, args, keywords);
  const input = keywords.get('input');
  let taint: Taint = CLEAN;
  for (const word of words) taint = unite(taint, taintOf(word));
  const at = words.findIndex((w) => PYTHON.test(textOf(w).trim()) || textOf(w) === '%PYTHON%');
  if (at >= 0) {
    const rest = words.slice(at + 1);
    const flag = rest.findIndex((w) => /^-[a-zA-Z]*c$/.test(textOf(w)));
    if (flag >= 0 && rest[flag + 1] !== undefined) {
      runValue(machine, rest[flag + 1]!, `${name} python -c`, site);
      return;
    }
    if (input !== undefined && (input.kind === 'str' || input.kind === 'bytes'))
      runValue(machine, input, `${name} python <input`, site);
    const module = rest.findIndex((w) => textOf(w) === '-m');
    if (module >= 0 && rest[module + 1] !== undefined) {
      const parsed = machine.program.findModule(textOf(rest[module + 1]!), site.unit);
      if (parsed !== undefined) machine.load(parsed);
      return;
    }
    const script = rest.find((w) => !textOf(w).startsWith('-'));
    if (script !== undefined) startFile(machine, textOf(script), name, site);
    return;
  }
  const [first] = words;
  if (first !== undefined) startFile(machine, textOf(first), name, site);
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
