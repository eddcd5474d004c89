// Owns builtins that make modules and code of text: imports, exec, compile, other interpreters, files run by their path. Start at CODE.
import { decodeSource } from '../source.ts';
import { elementsOf } from './elements.ts';
import { emit } from './events.ts';
import { absoluteName, importLeft, importName } from './imports.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { FILE_LOADERS } from './models.ts';
import { moduleScope, type Scope } from './scope.ts';
import type { Special, SpecialCall } from './special.ts';
import { CLEAN } from './taint.ts';
import { textOf } from './text.ts';
import {
  type BytesValue,
  join,
  optionsOf,
  ref,
  type Site,
  type StrValue,
  taintOf,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

function importCall(machine: Machine, { callee, args, keywords, site }: SpecialCall): Value | undefined {
  const name = args[0] ?? keywords.get('name');
  if (name === undefined) return undefined;
  if (name.kind !== 'str') return ref('?module', taintOf(name));
  const isBuiltin = callee.name.endsWith('__import__');
  let wanted = name.value;
  if (wanted.startsWith('.')) {
    const level = /^\.+/.exec(wanted)?.[0].length ?? 0;
    wanted =
      absoluteName(site.unit, wanted.slice(level) === '' ? undefined : wanted.slice(level), level) ??
      wanted.slice(level);
  }
  const full = importLeft(machine, wanted, site) ?? importName(machine, wanted, site.unit);
  const fromList = args[3] ?? keywords.get('fromlist');
  if (!isBuiltin || !wanted.includes('.') || (fromList !== undefined && elementsOf(fromList)?.length !== 0))
    return full;
  return importName(machine, wanted.split('.', 1)[0] ?? wanted, site.unit);
}

/** `exec(code)`: the code is read where it runs. */
function runCode(mode: 'exec' | 'eval'): Special {
  return (machine, { callee, args, keywords, site }) => {
    const given = args[0] ?? keywords.get('source');
    if (given === undefined) return undefined;
    const code = sourceOfCode(given);
    const event = emit(machine, {
      sink: 'exec',
      name: mode,
      args: [code, ...args.slice(1)],
      keywords,
      receiver: callee,
      site,
    });
    const scope = scopeOfFrame(machine, args[1], site);
    let result: Value | undefined;
    for (const option of optionsOf(code)) {
      // `exec(f.__code__)`
      if (option.kind === 'function') result = machine.call(option, [], NO_KEYWORDS, site);
      if (option.kind !== 'str' && option.kind !== 'bytes') continue;
      const value = machine.runText(sourceText(option), mode, taintOf(option), scope, site, mode);
      if (value !== undefined) result = result === undefined ? value : join(result, value);
      else if (event !== undefined && machine.opaque.length < 500)
        machine.opaque.push({ event, value: option, why: 'unparsable' });
    }
    return result ?? unknown(taintOf(code));
  };
}

/** `run_string(interpreter, code)`: another interpreter of the same process. */
function runSecond(machine: Machine, call: SpecialCall): Value | undefined {
  return runCode('exec')(machine, { ...call, args: call.args.slice(1) });
}

/** `start_ipython(argv=['-c', code])`. */
function runShell(machine: Machine, call: SpecialCall): Value | undefined {
  const words = elementsOf(call.keywords.get('argv') ?? call.args[0]) ?? [];
  const flag = words.findIndex((word) => word.kind === 'str' && word.value === '-c');
  const code = flag < 0 ? undefined : words[flag + 1];
  return code === undefined ? undefined : runCode('exec')(machine, { ...call, args: [code], keywords: NO_KEYWORDS });
}

/** Bytes are source in the encoding that they declare, as a file is. */
function sourceText(code: StrValue | BytesValue): string {
  return code.kind === 'str' || !/[\x80-\xff]/.test(code.value)
    ? code.value
    : decodeSource(Buffer.from(code.value, 'latin1')).text;
}

/** The text that a code object was compiled from. */
function sourceOfCode(value: Value): Value {
  if (
    value.kind === 'ref' &&
    value.call !== undefined &&
    /^(?:compile|ast\.parse|ast\.fix_missing_locations)\(\)$/.test(value.name)
  )
    return sourceOfCode(value.call.args[0] ?? UNKNOWN);
  return value;
}

function scopeOfFrame(machine: Machine, globals: Value | undefined, { unit }: Site): Scope | undefined {
  if (globals?.kind === 'namespace' && globals.scope !== undefined) return globals.scope;
  if (globals?.kind === 'dict') {
    const scope = moduleScope(unit);
    for (const [key, value] of globals.entries) if (key.startsWith('s')) scope.names.set(key.slice(1), value);
    return scope;
  }
  return machine.currentScope;
}

function compileText(_machine: Machine, { callee, args, keywords, site }: SpecialCall): Value {
  const code = args[0] ?? keywords.get('source') ?? UNKNOWN;
  return ref('compile()', taintOf(code), {
    name: 'compile',
    args: [sourceOfCode(code), ...args.slice(1)],
    keywords,
    receiver: callee.call === undefined ? undefined : callee,
    site,
    absorbed: CLEAN,
  });
}

/** Whether enough of a path is known that the same text means the same file. */
function isTelling(path: string): boolean {
  return path.replaceAll(/‹[^›]*›|\.\w{1,4}$|[\\/.]/g, '').length >= 3;
}

/** A file run by its path: one of the archive, or one written before. */
function loadNeighbour(machine: Machine, { callee, args, keywords, site }: SpecialCall): Value | undefined {
  // Loaders take the name of the module first, which is any word; the path is what runs.
  const position = /run_path$|execfile$/.test(callee.name) ? 0 : 1;
  const paths = [args[position], keywords.get('location'), keywords.get('path'), keywords.get('path_name')].filter(
    (a) => a !== undefined,
  );
  for (const path of paths) {
    emit(machine, { sink: 'exec', name: callee.name, args: [path], keywords, receiver: callee, site });
    const text = textOf(path);
    if (!/[\w›]/.test(text) || text.length > 400) continue;
    const written = isTelling(text) ? machine.written.findLast((w) => w.path === text) : undefined;
    if (written !== undefined) {
      runCode('exec')(machine, { callee, args: [written.content], keywords: NO_KEYWORDS, site });
      return undefined;
    }
    const parsed = machine.program.findScript(text, site.unit);
    if (parsed !== undefined) {
      machine.load(parsed);
      return undefined;
    }
  }
  return undefined;
}

/** By canonical name; undefined results fall through to the general treatment. */
export const CODE: readonly (readonly [string, Special])[] = [
  ['__import__', importCall],
  ['importlib.import_module', importCall],
  ['importlib.__import__', importCall],
  ['importlib.reload', (_machine, { args }) => args[0]],
  ['exec', runCode('exec')],
  ['eval', runCode('eval')],
  ['compile', compileText],
  ...[...FILE_LOADERS].map((name): [string, Special] => [name, loadNeighbour]),
  ['runpy.run_module', importCall],
  ['code.InteractiveInterpreter().runsource', runCode('exec')],
  ['ctypes.pythonapi.PyRun_SimpleString', runCode('exec')],
  ['_xxsubinterpreters.run_string', runSecond],
  ['_interpreters.run_string', runSecond],
  ['_interpreters.exec', runSecond],
  ['concurrent.interpreters.create().exec', runCode('exec')],
  ['IPython.start_ipython', runShell],
  ['IPython.embed', runShell],
  ['ctypes.dll.loaded.PyRun_SimpleString', runCode('exec')],
];
