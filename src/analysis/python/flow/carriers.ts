// Owns objects of the library that are handed a value and give it back: queues, futures, context variables, buffers, heaps,
// records, views. May import machine and value. Start at CARRIERS.
import { shellWords } from './commands.ts';
import { elementsOf } from './elements.ts';
import type { Machine } from './machine.ts';
import { getItem } from './subscripts.ts';
import { CLEAN, LABEL, unite, without } from './taint.ts';
import {
  type ClassValue,
  type DictValue,
  dict,
  type ExternalCall,
  type InstanceValue,
  int,
  isConstant,
  join,
  keyOf,
  list,
  NONE,
  namesIn,
  type RefValue,
  ref,
  type Site,
  str,
  taintOf,
  template,
  tuple,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

interface CarrierCall {
  readonly callee: RefValue;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly site: Site;
}

type Carrier = (machine: Machine, call: CarrierCall) => Value | undefined;

/** What was put into an object outside, by the call that made it: an analysis makes its own calls. */
const contents = new WeakMap<ExternalCall, Value>();

function put(machine: Machine, { callee, args, keywords }: CarrierCall): Value | undefined {
  const value = args[0] ?? keywords.get('item') ?? keywords.get('obj') ?? keywords.get('value');
  const { call } = callee;
  if (call === undefined || value === undefined) return undefined;
  const old = contents.get(call);
  contents.set(call, old === undefined || machine.uncertainty === 0 ? value : join(value, old));
  call.absorbed = unite(call.absorbed, taintOf(value));
  return NONE;
}

/** A queue keeps all that it is given, but for the mark by which its end is told. */
function queue(machine: Machine, carried: CarrierCall): Value | undefined {
  const { call } = carried.callee;
  const old = call === undefined ? undefined : contents.get(call);
  const given = carried.args[0] ?? carried.keywords.get('item') ?? carried.keywords.get('obj');
  if (old !== undefined && old.kind !== 'none' && given?.kind === 'none') return NONE;
  const result = put(machine, carried);
  if (call !== undefined && given !== undefined && old !== undefined && old.kind !== 'none')
    contents.set(call, join(given, old));
  return result;
}

/** What was put in; nothing known leaves the call as it is. */
function take(machine: Machine, { callee }: CarrierCall): Value | undefined {
  const { call } = callee;
  if (call === undefined) return undefined;
  const held = contents.get(call) ?? call.keywords.get('default');
  if (held === undefined) machine.emptyTakes++;
  return held;
}

/** What a call gives back later: `submit(f).result()`. */
export function promise(call: ExternalCall, value: Value): void {
  contents.set(call, value);
}

/** What was promised of a call; undefined: nothing known. */
export function promised(callee: RefValue): Value | undefined {
  return callee.call === undefined ? undefined : contents.get(callee.call);
}

/** `await future`: what it was given. */
export function awaited(value: Value): Value {
  return value.kind === 'ref' ? (promised(value) ?? value) : value;
}

/** What a buffer in memory holds: what it was made with, and what was written into it. */
export function bufferOf(call: ExternalCall): Value | undefined {
  const held = contents.get(call);
  if (held === undefined) return call.args[0];
  // Text that a program puts together of its own files and of what it computes is a report or generated code.
  return isConstant(held) ? held : unknown(without(taintOf(held), LABEL.ownFile | LABEL.file | LABEL.decoded));
}

const MAX_PARTS = 400;

/** `buffer.write(text)`, `print(text, file=buffer)`. */
export function writeBuffer(call: ExternalCall, value: Value): void {
  const old = contents.get(call);
  const isFull = old?.kind === 'template' && old.parts.length >= MAX_PARTS;
  contents.set(call, old === undefined ? value : isFull ? old : template([old, value]));
  call.absorbed = unite(call.absorbed, taintOf(value));
}

function writeMemory(_machine: Machine, { callee, args }: CarrierCall): Value | undefined {
  if (callee.call !== undefined && args[0] !== undefined) writeBuffer(callee.call, args[0]);
  return UNKNOWN;
}

function pushHeap(_machine: Machine, { args: [heap, value] }: CarrierCall): Value | undefined {
  if (heap?.kind !== 'sequence' || value === undefined) return undefined;
  heap.elements.push(value);
  return NONE;
}

function popHeap(_machine: Machine, { args: [heap] }: CarrierCall): Value | undefined {
  if (heap?.kind !== 'sequence' || heap.isOpen) return undefined;
  return heap.elements.length > 1 ? undefined : heap.elements.pop();
}

/** An object of a class that has nothing but these fields. */
function record(name: string, fields: ReadonlyMap<string, Value>, site: Site): InstanceValue {
  const of: ClassValue = {
    kind: 'class',
    name,
    node: undefined,
    unit: site.unit,
    bases: [],
    members: new Map(),
    taint: CLEAN,
  };
  return { kind: 'instance', of, fields: new Map(fields), taint: CLEAN };
}

function namespace(_machine: Machine, { args, keywords, site }: CarrierCall): Value | undefined {
  if (args.length > 0 || keywords.has('**')) return undefined;
  return record('SimpleNamespace', keywords, site);
}

function chainMap(_machine: Machine, { args }: CarrierCall): Value | undefined {
  const merged = dict();
  for (const map of [...args].reverse()) {
    if (map.kind !== 'dict') return undefined;
    for (const [key, value] of map.entries) merged.entries.set(key, value);
    merged.isOpen ||= map.isOpen;
    merged.taint = unite(merged.taint, map.taint);
  }
  return merged;
}

/** `Enum('E', {'A': value})`: its members, each with a value. */
function enumeration(_machine: Machine, { args: [name, members], site }: CarrierCall): Value | undefined {
  if (name?.kind !== 'str' || members?.kind !== 'dict') return undefined;
  const fields = new Map(
    [...(namesIn(members) ?? [])].map(([key, value]) => [key, record(key, new Map([['value', value]]), site)]),
  );
  return record(name.value, fields, site);
}

function itemGetter(machine: Machine, { callee, args: [owner], site }: CarrierCall): Value | undefined {
  const keys = callee.call?.args ?? [];
  if (owner === undefined || keys.length === 0) return undefined;
  const items = keys.map((key) => getItem(machine, owner, key, site));
  return items.length === 1 ? items[0] : tuple(items);
}

function fieldsOf(value: Value | undefined): DictValue | undefined {
  if (value?.kind !== 'instance') return undefined;
  return dict(new Map([...value.fields].map(([key, field]) => [`s${key}`, field])));
}

function withFields(owner: InstanceValue, fields: ReadonlyMap<string, Value>): InstanceValue {
  return { ...owner, fields: new Map([...owner.fields, ...fields]) };
}

function replaced(_machine: Machine, { args: [owner], keywords }: CarrierCall): Value | undefined {
  return owner?.kind === 'instance' ? withFields(owner, keywords) : undefined;
}

/** What a function of the library undoes, by the name of what did it. */
const INVERSE = new Map([
  ['json.loads', 'json.dumps'],
  ['pickle.loads', 'pickle.dumps'],
  ['marshal.loads', 'marshal.dumps'],
  ['base64.b64decode', 'base64.b64encode'],
  ['zlib.decompress', 'zlib.compress'],
  ['gzip.decompress', 'gzip.compress'],
]);

/** What is packed only to be opened again is what it was. */
function undone(inverse: string): Carrier {
  return (_machine, { args: [packed] }) => {
    if (packed?.kind !== 'ref' || packed.call?.name !== inverse) return undefined;
    return packed.call.args[0];
  };
}

const ADDRESS = /^([A-Za-z][\w+.-]{0,20}):\/\/([^/?#\s]{1,300})([/?#][^\n]*)?$/s;

/** An address taken apart: its place is known where it stands in front of what is not. */
function splitAddress(_machine: Machine, { args: [given] }: CarrierCall): Value | undefined {
  if (given?.kind !== 'str' && given?.kind !== 'template') return undefined;
  const [first, ...holes] = given.kind === 'str' ? [given.value] : given.parts;
  const parts = typeof first === 'string' ? ADDRESS.exec(first) : null;
  if (parts === null) return undefined;
  const [, scheme = '', place = '', rest] = parts;
  if (rest === undefined && holes.length > 0) return undefined;
  const [, host = '', port] = /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? [];
  const [, path = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest ?? '') ?? [];
  const taint = taintOf(given);
  const inQuery = (rest ?? '').includes('?');
  const part = (value: string, isOpen = false): Value =>
    isOpen ? template([value, ...holes], taint) : str(value, taint);
  const fields = new Map<string, Value>([
    ['scheme', part(scheme)],
    ['netloc', part(place)],
    ['path', part(path, !inQuery)],
    ['params', str('')],
    ['query', part(query, inQuery)],
    ['fragment', part(fragment)],
    ['hostname', part(host.toLowerCase())],
    ['port', port === undefined ? NONE : int(Number(port))],
  ]);
  return { ...ref('urllib.parse.urlparse()', taint), fields };
}

/** Words of a text, as a shell would part them; what is not known of it may be several. */
function splitWords(_machine: Machine, { args: [given] }: CarrierCall): Value | undefined {
  if (given?.kind !== 'str') return undefined;
  return list(shellWords(given.value).map((word) => str(word, given.taint)));
}

/** An address put together of its parts. */
function joinAddress(_machine: Machine, { args: [given] }: CarrierCall): Value | undefined {
  const parts = elementsOf(given);
  if (parts === undefined || parts.length < 5) return undefined;
  const [scheme, place, path, ...rest] = parts;
  const query = rest.at(-2);
  const isEmpty = (value: Value | undefined): boolean =>
    value === undefined || (value.kind === 'str' && value.value === '');
  const text: (Value | string)[] = [scheme ?? '', '://', place ?? '', path ?? ''];
  if (!isEmpty(query)) text.push('?', query ?? '');
  return template(text);
}

const QUEUES = [
  'queue.Queue',
  'queue.SimpleQueue',
  'queue.LifoQueue',
  'queue.PriorityQueue',
  'asyncio.Queue',
  'multiprocessing.Queue',
  'multiprocessing.SimpleQueue',
];
const FUTURES = ['concurrent.futures.Future', 'asyncio.Future', 'asyncio.get_event_loop().create_future'];

/** By canonical name; undefined results fall through to the general treatment. */
export const CARRIERS: readonly (readonly [string, Carrier])[] = [
  ['shlex.split', splitWords],
  ...QUEUES.flatMap((name): [string, Carrier][] => [
    [`${name}().put`, queue],
    [`${name}().put_nowait`, queue],
    [`${name}().get`, take],
    [`${name}().get_nowait`, take],
  ]),
  ...FUTURES.flatMap((name): [string, Carrier][] => [
    [`${name}().set_result`, put],
    [`${name}().result`, take],
  ]),
  ['multiprocessing.Pipe()[].send', put],
  ['multiprocessing.Pipe()[].recv', take],
  ['contextvars.ContextVar().set', put],
  ['contextvars.ContextVar().get', take],
  ['io.StringIO().write', writeMemory],
  ['io.BytesIO().write', writeMemory],
  ['heapq.heappush', pushHeap],
  ['heapq.heappop', popHeap],
  ['types.SimpleNamespace', namespace],
  ['types.MappingProxyType', (_machine, { args }) => args[0]],
  ['collections.ChainMap', chainMap],
  ['enum.Enum', enumeration],
  ['enum.StrEnum', enumeration],
  [
    'operator.itemgetter',
    (_machine, { callee, args, keywords, site }) =>
      ref('operator.itemgetter()', CLEAN, {
        name: callee.name,
        args,
        keywords,
        receiver: undefined,
        site,
        absorbed: CLEAN,
      }),
  ],
  ['operator.itemgetter()', itemGetter],
  ['weakref.ref()', (_machine, { callee }) => callee.call?.args[0]],
  ['weakref.proxy', (_machine, { args }) => args[0]],
  ['weakref.WeakKeyDictionary', () => dict()],
  ['weakref.WeakValueDictionary', () => dict()],
  ['contextlib.nullcontext', (_machine, { args }) => args[0]],
  ['dataclasses.asdict', (_machine, { args }) => fieldsOf(args[0])],
  [
    'dataclasses.astuple',
    (_machine, { args: [owner] }) => (owner?.kind === 'instance' ? tuple([...owner.fields.values()]) : undefined),
  ],
  ['dataclasses.replace', replaced],
  ['urllib.parse.urlparse', splitAddress],
  ['urllib.parse.urlsplit', splitAddress],
  ['urllib.parse.urlunparse', joinAddress],
  ['urllib.parse.urlunsplit', joinAddress],
  ...[...INVERSE].map(([name, inverse]): [string, Carrier] => [name, undone(inverse)]),
];

/** `record._replace(…)`, `record._asdict()`. */
export function recordMethod(
  owner: InstanceValue,
  name: string,
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  if (name === '_replace') return withFields(owner, keywords);
  return name === '_asdict' ? fieldsOf(owner) : undefined;
}

/** Names of the fields that a named tuple is declared with: a list, or words in one text. */
export function declaredFields(given: Value | undefined): string[] {
  if (given?.kind === 'str') return given.value.split(/[\s,]+/).filter((word) => word !== '');
  return (elementsOf(given) ?? []).map((field) => keyOf(field)?.slice(1) ?? '');
}
