// Owns the state of the process: its environment, where modules are looked for, open descriptors, buffers. Start at PROCESS.
import { bufferOf } from './carriers.ts';
import { emit, emitVariable } from './events.ts';
import { noteWritten } from './files.ts';
import type { Machine } from './machine.ts';
import type { Special, SpecialCall } from './special.ts';
import { environmentVariable } from './subscripts.ts';
import { CLEAN } from './taint.ts';
import { textOf } from './text.ts';
import { join, NONE, ref, type Site, str, taintOf, UNKNOWN, unknown, type Value } from './value.ts';

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

/** By canonical name; undefined results fall through to the general treatment. */
export const PROCESS: readonly (readonly [string, Special])[] = [
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
    'os.path.expanduser',
    (_machine, { args }) => (args[0]?.kind === 'str' && args[0].value.startsWith('~') ? undefined : args[0]),
  ],
  ['sys.path.insert', (machine, { args }) => noteFolder(machine, args[1])],
  ['sys.path.append', (machine, { args }) => noteFolder(machine, args[0])],
  ['os.chdir', (machine, { args }) => noteFolder(machine, args[0])],
  ['os.write', writeDescriptor],
  ['io.BytesIO', (_machine, { args, site, keywords }) => memoryFile('io.BytesIO', args, keywords, site)],
  ['io.StringIO', (_machine, { args, site, keywords }) => memoryFile('io.StringIO', args, keywords, site)],
  ['io.BytesIO().read', readMemory],
  ['io.BytesIO().getvalue', readMemory],
  ['io.StringIO().read', readText],
  ['io.StringIO().getvalue', readText],
];
