// Owns functions of the library that run text as code by the way: timers, profilers, debuggers, examples in docstrings.
// May import machine. Start at STRING_CODE.
import { emit } from './events.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { CLEAN, unite } from './taint.ts';
import { textOf } from './text.ts';
import { NONE, type RefValue, ref, type Site, str, taintOf, type Value } from './value.ts';

interface RunCall {
  readonly callee: RefValue;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly site: Site;
}

const MAX_EXAMPLES = 2_000;

/** `timeit.timeit(statement, setup)`: the setup, then the statement, in one namespace; functions are called. */
function runStatement(machine: Machine, { callee, args, keywords, site }: RunCall): Value | undefined {
  const statement = args[0] ?? keywords.get('stmt') ?? keywords.get('statement') ?? keywords.get('cmd');
  const isTimer = callee.name.startsWith('timeit.');
  const setup = isTimer ? (args[1] ?? keywords.get('setup')) : undefined;
  const parts = [setup, statement].filter((part) => part !== undefined);
  for (const part of parts) if (part.kind === 'function') machine.call(part, [], NO_KEYWORDS, site);
  const texts = parts.filter((part) => part.kind !== 'function' && part.kind !== 'none');
  if (texts.length === 0) return NONE;
  runExamples(machine, texts, callee, site);
  return ref(`${callee.name}()`, CLEAN);
}

function runExamples(machine: Machine, texts: readonly Value[], callee: RefValue, site: Site): void {
  let taint = CLEAN;
  for (const text of texts) taint = unite(taint, taintOf(text));
  const [only] = texts;
  const isKnown = texts.every((text) => text.kind === 'str' || text.kind === 'bytes');
  const code = isKnown ? str(texts.map((text) => textOf(text)).join('\n'), taint) : (only ?? NONE);
  const given = texts.length === 1 || isKnown ? code : ref('?text', taint);
  emit(machine, { sink: 'exec', name: callee.name, args: [given], keywords: NO_KEYWORDS, receiver: callee, site });
  if (code.kind !== 'str' || !isKnown || isMeasuredAgain(machine, callee.name, code.value)) return;
  machine.runText(code.value, callee.name, taint, undefined, site, 'exec');
}

/** A benchmark runs one statement for hundreds of sizes: once is enough. Only what a timer runs; it works for its time. */
function isMeasuredAgain({ measured }: Machine, name: string, text: string): boolean {
  if (!name.startsWith('timeit.')) return false;
  const form = text.replaceAll(/\d+/g, '0');
  const isKnown = measured.has(form);
  measured.add(form);
  return isKnown;
}

/** The statements behind `>>>` and `...` in a text. */
export function examplesIn(text: string): string {
  const lines: string[] = [];
  for (const match of text.matchAll(/^[ \t]*(?:>>>|\.\.\.)(?: (.*))?$/gm)) {
    lines.push(match[1] ?? '');
    if (lines.length >= MAX_EXAMPLES) break;
  }
  return lines.join('\n');
}

/** The source or text that holds the examples of a value. */
function documentationOf(machine: Machine, value: Value, site: Site): string {
  switch (value.kind) {
    case 'str':
      return value.value;
    case 'module':
      return value.unit.text;
    case 'function':
      return value.unit.text.slice(value.node.start, value.node.end);
    case 'class':
      return value.node === undefined ? '' : value.unit.text.slice(value.node.start, value.node.end);
    case 'instance':
      return documentationOf(machine, value.of, site);
    default:
      return '';
  }
}

function runDocumented(machine: Machine, call: RunCall): Value | undefined {
  const [subject] = call.args;
  const text = subject === undefined ? '' : documentationOf(machine, subject, call.site);
  return runDocumentation(machine, text, call);
}

/** `doctest.testmod()`: the module that asks, unless another is given. A person who starts it asks for it. */
function runModuleExamples(machine: Machine, call: RunCall): Value | undefined {
  if (machine.context !== 'start-up' && machine.context !== 'install' && machine.context !== 'import') return NONE;
  const subject = call.args[0] ?? call.keywords.get('m');
  const isOwn = subject === undefined || subject.kind === 'none';
  const text = isOwn ? call.site.unit.text : documentationOf(machine, subject, call.site);
  return runDocumentation(machine, text, call);
}

function runFileExamples(machine: Machine, call: RunCall): Value | undefined {
  const [path] = call.args;
  const text = path === undefined ? undefined : machine.program.findText(textOf(path), call.site.unit);
  return runDocumentation(machine, text ?? '', call);
}

function runDocumentation(machine: Machine, text: string, { callee, site }: RunCall): Value | undefined {
  const examples = examplesIn(text);
  if (examples.trim() !== '') runExamples(machine, [str(examples)], callee, site);
  return ref(`${callee.name}()`, CLEAN);
}

const STATEMENTS = [
  'timeit.timeit',
  'timeit.repeat',
  'timeit.Timer',
  'cProfile.run',
  'cProfile.runctx',
  'cProfile.Profile().run',
  'cProfile.Profile().runctx',
  'profile.run',
  'profile.runctx',
  'profile.Profile().run',
  'pdb.run',
  'pdb.runeval',
  'pdb.runctx',
  'pdb.Pdb().run',
  'bdb.Bdb().run',
  'trace.Trace().run',
  'trace.Trace().runctx',
];

/** By canonical name. */
export const STRING_CODE: readonly (readonly [string, (machine: Machine, call: RunCall) => Value | undefined])[] = [
  ...STATEMENTS.map((name) => [name, runStatement] as const),
  ['doctest.run_docstring_examples', runDocumented],
  ['doctest.testmod', runModuleExamples],
  ['doctest.testfile', runFileExamples],
];
