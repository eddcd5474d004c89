// Owns the builtins that reach names, modules and code. May import machine and the rest of this folder below it. Start at SPECIAL.
import type { Expr } from '../ast.ts';
import { decodeSource } from '../source.ts';
import { awaited, bufferOf, CARRIERS, declaredFields } from './carriers.ts';
import { elementsOf } from './elements.ts';
import { emit, emitVariable } from './events.ts';
import { setAttribute } from './expressions.ts';
import { noteWritten } from './files.ts';
import { IMPORT_HOOKS } from './import-hooks.ts';
import { absoluteName, importLeft, importName } from './imports.ts';
import { iterated } from './iteration.ts';
import { commonLength } from './library-sequences.ts';
import { LOGGING } from './log-handlers.ts';
import { type Machine, NO_KEYWORDS, spend } from './machine.ts';
import { FILE_LOADERS } from './models.ts';
import { PATH_TESTS } from './path-objects.ts';
import { PROTOCOLS } from './protocols.ts';
import { moduleScope, type Scope } from './scope.ts';
import { STRING_CODE } from './string-code.ts';
import { dictWith, environmentVariable } from './subscripts.ts';
import { CLEAN, unite } from './taint.ts';
import { textOf } from './text.ts';
import {
  type BytesValue,
  type ClassValue,
  FALSE,
  join,
  list,
  NONE,
  optionsOf,
  type RefValue,
  ref,
  type Site,
  type StrValue,
  str,
  TRUE,
  taintOf,
  template,
  tuple,
  UNKNOWN,
  unknown,
  type Value,
  withTaint,
} from './value.ts';

export interface SpecialCall {
  readonly callee: RefValue;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly site: Site;
}

type Special = (machine: Machine, call: SpecialCall) => Value | undefined;

function getAttribute(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [owner, name, missing] = args;
  if (owner === undefined || name === undefined) return undefined;
  let result: Value | undefined;
  for (const option of optionsOf(name)) {
    let value: Value;
    if (option.kind === 'str') value = machine.attribute(owner, option.value, site);
    else {
      const base = owner.kind === 'ref' ? owner.name : owner.kind === 'module' ? owner.unit.module : '?';
      value = ref(`${base}.‹dynamic›`, unite(taintOf(owner), taintOf(name)));
    }
    result = result === undefined ? value : join(result, value);
  }
  return missing === undefined || missing.kind === 'none' || result === undefined
    ? result
    : result.kind === 'ref'
      ? result
      : join(result, missing);
}

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

function mapCall(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [callee, ...iterables] = args;
  if (callee === undefined || iterables.length === 0) return undefined;
  const columns = iterables.map(elementsOf);
  if (columns.some((c) => c === undefined)) {
    const element = machine.call(
      callee,
      iterables.map((i) => iterated(machine, i, site)),
      NO_KEYWORDS,
      site,
    );
    return list([element], true);
  }
  const known = columns.filter((c) => c !== undefined);
  const length = commonLength(iterables, known);
  const results: Value[] = [];
  for (let i = 0; i < length; i++) {
    spend(machine, 1);
    results.push(
      machine.call(
        callee,
        known.map((c) => c[i % c.length] ?? NONE),
        NO_KEYWORDS,
        site,
      ),
    );
  }
  return list(results);
}

function filterCall(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [callee, iterable] = args;
  const elements = elementsOf(iterable);
  if (callee === undefined || elements === undefined) return undefined;
  const kept: Value[] = [];
  let isOpen = false;
  for (const element of elements) {
    const passed = callee.kind === 'none' ? element : machine.call(callee, [element], NO_KEYWORDS, site);
    if (passed.kind === 'bool' && !passed.value) continue;
    if (passed.kind !== 'bool') isOpen = true;
    kept.push(element);
  }
  return list(kept, isOpen);
}

function reduceCall(machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [callee, iterable, first] = args;
  const elements = elementsOf(iterable);
  if (callee === undefined || elements === undefined) return undefined;
  let rest = [...elements];
  let result = first ?? rest.shift();
  if (result === undefined) return undefined;
  if (rest.length > 200_000) rest = rest.slice(0, 200_000);
  for (const element of rest) result = machine.call(callee, [result, element], NO_KEYWORDS, site);
  return result;
}

function partial({ args, keywords, site }: SpecialCall): Value | undefined {
  const [callee, ...more] = args;
  if (callee === undefined) return undefined;
  if (callee.kind === 'function')
    return {
      ...callee,
      bound: [...callee.bound, ...more],
      boundKeywords: new Map([...callee.boundKeywords, ...keywords]),
    };
  return ref('functools.partial()', taintOf(callee), {
    name: 'functools.partial',
    args,
    keywords,
    receiver: undefined,
    site,
    absorbed: CLEAN,
  });
}

function callPartial(machine: Machine, { callee, args, keywords, site }: SpecialCall): Value | undefined {
  const [target, ...more] = callee.call?.args ?? [];
  if (target === undefined) return undefined;
  return machine.call(target, [...more, ...args], new Map([...(callee.call?.keywords ?? []), ...keywords]), site);
}

const TYPES: Readonly<Record<string, string>> = {
  str: 'str',
  bytes: 'bytes',
  int: 'int',
  float: 'float',
  dict: 'dict',
  list: 'list',
  tuple: 'tuple',
  set: 'set',
  bytearray: 'bytearray',
};

/** Whether a known value is of a builtin type; undefined when it cannot be told. */
function isInstance([value, type]: readonly Value[]): Value | undefined {
  if (value === undefined || type === undefined) return undefined;
  const wanted = (type.kind === 'sequence' ? type.elements : [type]).map((one) => (one.kind === 'ref' ? one.name : ''));
  if (wanted.some((name) => TYPES[name] === undefined)) return undefined;
  const own = value.kind === 'sequence' ? value.type : value.kind;
  // What it is not stays open: code behind a test is not left out for it.
  if (TYPES[own] !== undefined && wanted.includes(own)) return TRUE;
  // `c if isinstance(c, str) else ' '.join(c)`
  const isText = wanted.every((name) => name === 'str' || name === 'bytes');
  return isText && (value.kind === 'sequence' || value.kind === 'dict') ? FALSE : undefined;
}

const MAX_FOLDERS = 20;

/** From now on modules are looked for in the folder as well; a folder elsewhere holds none of the archive. */
function noteFolder({ searchFolders }: Machine, folder: Value | undefined): undefined {
  const text = folder === undefined ? '' : textOf(folder);
  if (/^(?:‹here›\/)?[\w.-][\w./-]{0,200}$/.test(text) && searchFolders.size < MAX_FOLDERS) searchFolders.add(text);
}

/** `os.write(os.open(path, …), data)`: a file that is written. */
function writeDescriptor(
  machine: Machine,
  { callee, args: [handle, data], keywords, site }: SpecialCall,
): Value | undefined {
  if (handle?.kind !== 'ref' || handle.call?.name !== 'os.open' || data === undefined) return undefined;
  const path = handle.call.args[0] ?? UNKNOWN;
  const event = emit(machine, {
    sink: 'write',
    name: callee.name,
    args: [path, data],
    keywords,
    receiver: callee,
    site,
  });
  if (event !== undefined) noteWritten(machine, { path: textOf(path), content: data, event });
  return NONE;
}

/** A literal of Python in a text: numbers, texts and what is put together of them. */
function literalOf(machine: Machine, { args: [text], site }: SpecialCall): Value | undefined {
  // `literal_eval(repr(value))`
  const [whole, ...rest] = text?.kind === 'template' ? text.parts : [];
  if (whole !== undefined && typeof whole !== 'string' && rest.length === 0) return whole;
  if (text?.kind !== 'str') return undefined;
  const [only, ...more] = machine.program.parseText(text.value, site.unit.path)?.body ?? [];
  if (only?.kind !== 'Expr' || more.length > 0 || !isLiteral(only.value)) return undefined;
  return withTaint(machine.evaluate(only.value, moduleScope(site.unit)), text.taint);
}

function isLiteral(node: Expr): boolean {
  switch (node.kind) {
    case 'Constant':
      return true;
    case 'UnaryOp':
      return isLiteral(node.operand);
    case 'List':
    case 'Tuple':
    case 'Set':
      return node.elts.every(isLiteral);
    case 'Dict':
      return [...node.keys, ...node.values].every((part) => part !== undefined && isLiteral(part));
    default:
      return false;
  }
}

/** `Template('$a').substitute(a=value)`. */
function fillIn(_machine: Machine, { callee, args: [mapping], keywords }: SpecialCall): Value | undefined {
  const form = callee.call?.args[0];
  if (form?.kind !== 'str') return undefined;
  const parts = form.value.split(/\$(?:\{(\w+)\}|(\w+)|(\$))/);
  const filled: (string | Value)[] = [];
  for (let i = 0; i < parts.length; i += 4) {
    filled.push(parts[i] ?? '');
    const name = parts[i + 1] ?? parts[i + 2];
    if (parts[i + 3] !== undefined) filled.push('$');
    if (name === undefined) continue;
    const entry = mapping?.kind === 'dict' ? mapping.entries.get(`s${name}`) : undefined;
    filled.push(keywords.get(name) ?? entry ?? UNKNOWN);
  }
  return template(filled, form.taint);
}

/** `object.__new__(cls)`: an object with nothing in it. */
function bareInstance(_machine: Machine, { args: [of] }: SpecialCall): Value | undefined {
  return of?.kind === 'class' ? { kind: 'instance', of, fields: new Map(), taint: CLEAN } : undefined;
}

/** `super()`: the same fields, seen from the bases. */
function superCall(machine: Machine): Value | undefined {
  const activation = machine.activations.at(-1);
  const self = activation?.self;
  if (activation?.owner === undefined || self?.kind !== 'instance') return undefined;
  const above: ClassValue = { ...activation.owner, members: new Map(), bases: activation.owner.bases };
  return { ...self, of: above };
}

function typeCall(_machine: Machine, { args, site }: SpecialCall): Value | undefined {
  const [first, bases, members] = args;
  if (first === undefined) return undefined;
  if (args.length === 1)
    return first.kind === 'instance' ? first.of : first.kind === 'ref' ? unknown(first.taint) : ref(`type()`);
  if (members?.kind !== 'dict') return undefined;
  const made: ClassValue = {
    kind: 'class',
    name: textOf(first),
    node: undefined,
    unit: site.unit,
    bases: bases === undefined ? [] : (elementsOf(bases) ?? []),
    members: new Map([...members.entries].map(([k, v]) => [k.slice(1), v])),
    taint: CLEAN,
  };
  return made;
}

function setup(machine: Machine, { args, keywords, site }: SpecialCall): Value {
  const merged = new Map(keywords);
  const rest = keywords.get('**');
  if (rest?.kind === 'dict') for (const [k, v] of rest.entries) merged.set(k.slice(1), v);
  if (machine.setups.length < 20) machine.setups.push({ keywords: merged, site, context: machine.context });
  return args[0] ?? NONE;
}

const MAX_PATTERNS = 2_000;

/** What a program looks for is worth knowing, however it is spelled. */
function notePattern(machine: Machine, { args, site }: SpecialCall): undefined {
  const [pattern] = args;
  if (pattern?.kind === 'str' && machine.patterns.length < MAX_PATTERNS)
    machine.patterns.push({ text: pattern.value, site });
}

const PATTERN_CALLS = ['compile', 'match', 'search', 'fullmatch', 'findall', 'finditer', 'sub', 'subn'];

const NOTHING: Special = () => UNKNOWN;

/** By canonical name; undefined results fall through to the general treatment. */
export const SPECIAL: ReadonlyMap<string, Special> = new Map<string, Special>([
  ['getattr', getAttribute],
  ['object.__getattribute__', getAttribute],
  [
    'operator.attrgetter',
    (_machine, { callee, args, keywords, site }) =>
      ref('operator.attrgetter()', CLEAN, {
        name: callee.name,
        args,
        keywords,
        receiver: undefined,
        site,
        absorbed: CLEAN,
      }),
  ],
  [
    'operator.attrgetter()',
    (machine, { callee, args, site }) =>
      getAttribute(machine, {
        callee,
        args: [args[0] ?? UNKNOWN, callee.call?.args[0] ?? UNKNOWN],
        keywords: NO_KEYWORDS,
        site,
      }),
  ],
  [
    'operator.methodcaller',
    (_machine, { callee, args, keywords, site }) =>
      ref('operator.methodcaller()', CLEAN, {
        name: callee.name,
        args,
        keywords,
        receiver: undefined,
        site,
        absorbed: CLEAN,
      }),
  ],
  [
    'operator.methodcaller()',
    (machine, { callee, args, site }) => {
      const [name, ...more] = callee.call?.args ?? [];
      const [owner] = args;
      if (name?.kind !== 'str' || owner === undefined) return undefined;
      return machine.call(machine.attribute(owner, name.value, site), more, callee.call?.keywords ?? NO_KEYWORDS, site);
    },
  ],
  [
    'operator.call',
    (machine, { args, keywords, site }) =>
      args[0] === undefined ? undefined : machine.call(args[0], args.slice(1), keywords, site),
  ],
  [
    'setattr',
    (machine, { args }) => {
      const [owner, name, value] = args;
      if (owner !== undefined && name?.kind === 'str' && value !== undefined)
        setAttribute(machine, owner, name.value, value);
      return NONE;
    },
  ],
  ['__import__', importCall],
  ['importlib.import_module', importCall],
  ['importlib.__import__', importCall],
  ['importlib.reload', (_machine, { args }) => args[0]],
  ['globals', (machine) => ({ kind: 'namespace', of: undefined, scope: machine.currentScope?.module })],
  ['locals', (machine) => ({ kind: 'namespace', of: undefined, scope: machine.currentScope })],
  [
    'vars',
    (machine, { args }) =>
      args[0] === undefined
        ? { kind: 'namespace', of: undefined, scope: machine.currentScope }
        : { kind: 'namespace', of: args[0], scope: args[0].kind === 'module' ? args[0].scope : undefined },
  ],
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
  ['map', mapCall],
  ['filter', filterCall],
  ['functools.reduce', reduceCall],
  ['reduce', reduceCall],
  ['functools.partial', (_machine, call) => partial(call)],
  ['functools.partial()', callPartial],
  ['super', (machine) => superCall(machine)],
  ['isinstance', (_machine, { args }) => isInstance(args)],
  ['type', typeCall],
  ['setuptools.setup', setup],
  ['numpy.distutils.core.setup', setup],
  ['skbuild.setup', setup],
  ...PATH_TESTS,
  [
    'os.getenv',
    (machine, { args, keywords, site }) =>
      environmentDefault(machine, args[0] ?? keywords.get('key'), args[1] ?? keywords.get('default'), site),
  ],
  [
    'os.environ.get',
    (machine, { args, keywords, site }) =>
      environmentDefault(machine, args[0] ?? keywords.get('key'), args[1] ?? keywords.get('default'), site),
  ],
  ['os.environ.pop', (machine, { args, site }) => environmentDefault(machine, args[0], args[1], site)],
  [
    'os.environ.setdefault',
    (machine, { args, site }) => {
      if (args[0] !== undefined && args[1] !== undefined) emitVariable(machine, args[0], args[1], site);
      return UNKNOWN;
    },
  ],
  [
    'os.environ.update',
    (machine, { args, keywords, site }) => {
      if (args[0]?.kind === 'dict')
        for (const [key, value] of [...args[0].entries].slice(0, 50))
          emitVariable(machine, str(key.slice(1)), value, site);
      for (const [key, value] of keywords) emitVariable(machine, str(key), value, site);
      return undefined;
    },
  ],
  ['os.environ.copy', (_machine, { callee }) => ref('os.environ', callee.taint)],
  [
    'str',
    (_machine, { args: [thrown] }) =>
      thrown?.kind === 'ref' && /(?:Error|Exception)\(\)$/.test(thrown.name) ? thrown.call?.args[0] : undefined,
  ],
  ['dict', (_machine, { args }) => (args[0]?.kind === 'ref' && args[0].name === 'os.environ' ? args[0] : undefined)],
  [
    'os.path.expanduser',
    (_machine, { args }) => (args[0]?.kind === 'str' && args[0].value.startsWith('~') ? undefined : args[0]),
  ],
  ['functools.wraps', () => ref('functools.wraps()')],
  ['functools.wraps()', (_machine, { args }) => args[0]],
  ['functools.lru_cache()', (_machine, { args }) => args[0]],
  ['contextlib.contextmanager', (_machine, { args }) => args[0]],
  ['staticmethod', (_machine, { args }) => args[0]],
  ['asyncio.run', (_machine, { args }) => (args[0] === undefined ? undefined : awaited(args[0]))],
  ...[
    'get_event_loop().run_until_complete',
    'Runner().run',
    'create_task',
    'ensure_future',
    'TaskGroup().create_task',
    'shield',
  ].map((name): [string, Special] => [
    `asyncio.${name}`,
    (_machine, { args }) => (args[0] === undefined ? undefined : awaited(args[0])),
  ]),
  ...['asyncio.as_completed', 'concurrent.futures.as_completed'].map((name): [string, Special] => [
    name,
    (_machine, { args }) => args[0],
  ]),
  ['inspect.getattr_static', getAttribute],
  ['types.FunctionType', (_machine, { args: [code] }) => (code?.kind === 'function' ? code : undefined)],
  [
    'types.MethodType',
    (_machine, { args: [callee, self] }) =>
      callee?.kind === 'function' && self !== undefined ? { ...callee, bound: [self, ...callee.bound] } : undefined,
  ],
  ['sys.path.insert', (machine, { args }) => noteFolder(machine, args[1])],
  ['sys.path.append', (machine, { args }) => noteFolder(machine, args[0])],
  ['os.chdir', (machine, { args }) => noteFolder(machine, args[0])],
  ['os.write', writeDescriptor],
  ['ast.literal_eval', literalOf],
  ['string.Template().substitute', fillIn],
  ['string.Template().safe_substitute', fillIn],
  ['object.__new__', bareInstance],
  ['super().__new__', bareInstance],
  ['str.__new__', (_machine, { args }) => args[1]],
  ['asyncio.gather', (_machine, { args }) => list([...args])],
  ['asyncio.wait_for', (_machine, { args }) => (args[0] === undefined ? undefined : awaited(args[0]))],
  [
    'asyncio.to_thread',
    (machine, { args, keywords, site }) =>
      args[0] === undefined ? undefined : machine.call(args[0], args.slice(1), keywords, site),
  ],
  ['io.BytesIO', (_machine, { args, site, keywords }) => memoryFile('io.BytesIO', args, keywords, site)],
  ['io.StringIO', (_machine, { args, site, keywords }) => memoryFile('io.StringIO', args, keywords, site)],
  ['io.BytesIO().read', readMemory],
  ['io.BytesIO().getvalue', readMemory],
  ['io.StringIO().read', readText],
  ['io.StringIO().getvalue', readText],
  ['threading.Thread().__init__', NOTHING],
  [
    'dict.get',
    (machine, { args, site }) =>
      args[0] === undefined
        ? undefined
        : machine.call(machine.attribute(args[0], 'get', site), args.slice(1), NO_KEYWORDS, site),
  ],
  ['str.join', unbound('join')],
  ['bytes.join', unbound('join')],
  ['str.replace', unbound('replace')],
  ['str.encode', unbound('encode')],
  ['str.lower', unbound('lower')],
  ['str.upper', unbound('upper')],
  ['str.split', unbound('split')],
  ['str.strip', unbound('strip')],
  ['str.format', unbound('format')],
  ['str.translate', unbound('translate')],
  ['bytes.decode', unbound('decode')],
  ['list.append', unbound('append')],
  [
    'inspect.getdoc',
    (machine, { args, site }) => (args[0] === undefined ? undefined : machine.attribute(args[0], '__doc__', site)),
  ],
  [
    'os.path.split',
    (machine, { args, site }) =>
      args[0] === undefined
        ? undefined
        : tuple(
            ['dirname', 'basename'].map((part) =>
              machine.call(ref(`os.path.${part}`), args.slice(0, 1), NO_KEYWORDS, site),
            ),
          ),
  ],
  ['collections.defaultdict', (_machine, { args }) => dictWith(args[0])],
  [
    'collections.namedtuple',
    (_machine, { args, site }) => ({
      kind: 'class',
      name: textOf(args[0] ?? NONE),
      node: undefined,
      unit: site.unit,
      bases: [],
      members: new Map(declaredFields(args[1]).map((field) => [field, NONE])),
      taint: CLEAN,
    }),
  ],
  ...PATTERN_CALLS.map((name) => [`re.${name}`, notePattern] as const),
  ...PROTOCOLS,
  ...CARRIERS,
  ...LOGGING,
  ...STRING_CODE,
  ...IMPORT_HOOKS,
]);

function unbound(name: string): Special {
  return (machine, { args, keywords, site }) => {
    const [self, ...rest] = args;
    return self === undefined ? undefined : machine.call(machine.attribute(self, name, site), rest, keywords, site);
  };
}

function readMemory(_machine: Machine, { callee }: SpecialCall): Value | undefined {
  const { call } = callee;
  if (call === undefined) return undefined;
  const held = bufferOf(call);
  // What filled it by another way than `write` is known by its labels alone.
  return held === undefined || (held === call.args[0] && call.absorbed.bits !== 0) ? unknown(call.absorbed) : held;
}

function readText(_machine: Machine, { callee }: SpecialCall): Value | undefined {
  return callee.call === undefined ? undefined : bufferOf(callee.call);
}

function memoryFile(name: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>, site: Site): Value {
  return ref(`${name}()`, taintOf(args[0] ?? NONE), {
    name,
    args: args.length > 0 ? args : [str('')],
    keywords,
    receiver: undefined,
    site,
    absorbed: CLEAN,
  });
}

function environmentDefault(machine: Machine, name: Value | undefined, missing: Value | undefined, site: Site): Value {
  const value = environmentVariable(machine, name ?? UNKNOWN, site);
  return missing === undefined || missing.kind === 'none' ? value : join(value, missing);
}
