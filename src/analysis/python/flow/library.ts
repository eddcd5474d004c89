// Owns pure functions of Python and its library on known values. May import value, operators, codecs. Start at LIBRARY.
import { createHash } from 'node:crypto';
import { decodeText, encodeText } from './codecs.ts';
import { fieldText, represent } from './format.ts';
import { binary, compare, numberOf, subscript } from './operators.ts';
import { PACKED } from './packed-bytes.ts';
import { characters, makeTranslation, textMethod } from './text-methods.ts';
import {
  bool,
  bytes,
  dict,
  float,
  int,
  isConstant,
  keyOf,
  list,
  NONE,
  type SequenceValue,
  str,
  template,
  truth,
  tuple,
  type Value,
  valueOfKey,
} from './value.ts';

/** Computes a call; undefined when it cannot be told. The caller adds the arguments' taint. */
export type PureFunction = (args: readonly Value[], keywords: ReadonlyMap<string, Value>) => Value | undefined;

const MAX_RANGE = 200_000;

/** The elements of a known finite iterable; undefined when it is not one, or open. */
export function elementsOf(value: Value | undefined): readonly Value[] | undefined {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case 'sequence':
      return value.isOpen ? undefined : value.elements;
    case 'str':
      return Array.from(value.value, (c) => str(c, value.taint));
    case 'bytes':
      return Array.from(value.value, (c) => int(c.charCodeAt(0), value.taint));
    case 'dict':
      return value.isOpen ? undefined : [...value.entries.keys()].map(valueOfKey);
    default:
      return undefined;
  }
}

function textOfArg(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'str' || value.kind === 'bytes') return value.value;
  return value.kind === 'sequence' && value.type === 'bytearray' ? byteText(value) : undefined;
}

/** Bytes of a sequence of small integers. */
export function byteText(value: SequenceValue): string | undefined {
  if (value.isOpen) return undefined;
  const pieces: string[] = [];
  for (const element of value.elements) {
    if (element.kind !== 'int' || typeof element.value !== 'number' || element.value < 0 || element.value > 255)
      return undefined;
    pieces.push(String.fromCharCode(element.value));
  }
  return pieces.join('');
}

function toInt(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  const [value] = args;
  if (value === undefined) return int(0);
  const n = numberOf(value);
  if (n !== undefined) return int(typeof n === 'bigint' ? n : Math.trunc(n));
  const text = textOfArg(value)?.trim().replaceAll('_', '');
  if (text === undefined || text === '' || text.length > 10_000) return undefined;
  const base = Number(numberOf(args[1] ?? keywords.get('base') ?? int(10)) ?? 10);
  if (base === 10) return /^[+-]?\d+$/.test(text) ? int(BigInt(text.replace('+', ''))) : undefined;
  const digits = text.toLowerCase().replace(/^0[xbo]/, (p) => (base === 0 ? p : base === 16 && p === '0b' ? p : ''));
  try {
    if (base === 16) return int(BigInt(`0x${digits}`));
    if (base === 2) return int(BigInt(`0b${digits}`));
    if (base === 8) return int(BigInt(`0o${digits}`));
    if (base === 0) return int(BigInt(digits));
  } catch {
    return undefined;
  }
  const n36 = Number.parseInt(digits, base);
  return Number.isSafeInteger(n36) ? int(n36) : undefined;
}

function toStr(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  const [value] = args;
  if (value === undefined) return str('');
  if (value.kind === 'str' || value.kind === 'template') return value;
  if (value.kind === 'bytes') {
    const codec = args[1] ?? keywords.get('encoding');
    return codec === undefined ? str(`b'${value.value}'`) : decodeText(value, textOfArg(codec));
  }
  if (value.kind === 'sequence' && value.type === 'bytearray') {
    const text = byteText(value);
    return text === undefined ? undefined : decodeText(bytes(text), textOfArg(args[1]) ?? 'utf-8');
  }
  if (value.kind === 'int' || value.kind === 'bool' || value.kind === 'none') return template([fieldText(value, '')]);
  return template([value]);
}

function toBytes(args: readonly Value[]): Value | undefined {
  const [value, codec] = args;
  if (value === undefined) return bytes('');
  if (value.kind === 'bytes') return value;
  if (value.kind === 'str') return encodeText(value.value, textOfArg(codec) ?? 'utf-8');
  const n = numberOf(value);
  if (n !== undefined) return Number(n) < 1_000_000 ? bytes('\0'.repeat(Math.max(0, Number(n)))) : undefined;
  if (value.kind === 'sequence') {
    const text = byteText(value);
    return text === undefined ? undefined : bytes(text);
  }
  return undefined;
}

function toByteArray(args: readonly Value[]): Value | undefined {
  const made = toBytes(args);
  if (made?.kind !== 'bytes') return undefined;
  return list(
    Array.from(made.value, (c) => int(c.charCodeAt(0))),
    false,
    'bytearray',
  );
}

function range(args: readonly Value[]): Value | undefined {
  const bounds = args.map((a) => numberOf(a));
  if (bounds.includes(undefined)) return undefined;
  const [first = 0, second, third = 1] = bounds.map((n) => Number(n));
  const start = second === undefined ? 0 : first;
  const end = second ?? first;
  if (third === 0 || Math.abs((end - start) / third) > MAX_RANGE) return undefined;
  const elements: Value[] = [];
  for (let i = start; third > 0 ? i < end : i > end; i += third) elements.push(int(i));
  return list(elements);
}

function sequenceOf(type: SequenceValue['type']): PureFunction {
  return (args) => {
    const [value] = args;
    if (value === undefined) return list([], false, type);
    const elements = elementsOf(value);
    if (elements !== undefined) return list([...elements], false, type);
    if (value.kind === 'sequence') return { ...list([...value.elements], true, type), taint: value.taint };
    return undefined;
  };
}

/** Sequences that begin anew at their end. */
const endless = new WeakSet<Value>();

/** Rounds of several iterables together: those of the shortest that ends. */
export function commonLength(of: readonly Value[], columns: readonly (readonly Value[])[]): number {
  const ends = columns.filter((_, i) => !endless.has(of[i]!)).map((column) => column.length);
  return columns.some((column) => column.length === 0) || ends.length === 0 ? 0 : Math.min(...ends);
}

function cycle(args: readonly Value[]): Value | undefined {
  const elements = elementsOf(args[0]);
  if (elements === undefined) return undefined;
  const made = list([...elements]);
  endless.add(made);
  return made;
}

function repeated(args: readonly Value[]): Value | undefined {
  const [value, times] = args;
  if (value === undefined) return undefined;
  if (times === undefined) return cycle([list([value])]);
  const n = numberOf(times);
  return n === undefined ? undefined : list(Array.from({ length: Math.min(Number(n), 10_000) }, () => value));
}

function zip(args: readonly Value[]): Value | undefined {
  const columns = args.map(elementsOf);
  const known = columns.filter((c) => c !== undefined);
  if (known.length !== args.length || known.length === 0) return undefined;
  const length = commonLength(args, known);
  return list(Array.from({ length }, (_, i) => tuple(known.map((c) => c[i % c.length]!))));
}

function order(values: readonly Value[]): Value[] | undefined {
  const keyed = values.map((v) => ({
    v,
    n: numberOf(v),
    t: v.kind === 'str' || v.kind === 'bytes' ? v.value : undefined,
  }));
  if (keyed.every((k) => k.n !== undefined)) return keyed.sort((a, b) => Number(a.n) - Number(b.n)).map((k) => k.v);
  if (keyed.every((k) => k.t !== undefined))
    return keyed.sort((a, b) => (a.t! < b.t! ? -1 : a.t! > b.t! ? 1 : 0)).map((k) => k.v);
  return undefined;
}

function extreme(pickLast: boolean): PureFunction {
  return (args, keywords) => {
    if (keywords.size > 0) return undefined;
    const values = args.length === 1 ? elementsOf(args[0]) : args;
    if (values === undefined || values.length === 0) return undefined;
    return pickLast ? order(values)?.at(-1) : order(values)?.[0];
  };
}

function quote(text: string): string {
  return encodeURIComponent(text);
}

function unquote(args: readonly Value[]): Value | undefined {
  const text = textOfArg(args[0]);
  if (text === undefined) return undefined;
  try {
    return str(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

/** A path joined of parts, an absolute part starting anew; holes stay holes. */
function joinPathText(args: readonly Value[]): Value | undefined {
  const parts: (string | Value)[] = [];
  for (const arg of args) {
    if (arg.kind === 'str' && /^(?:\/|[A-Za-z]:[\\/])/.test(arg.value)) parts.length = 0;
    const last = parts.at(-1);
    const lastText = typeof last === 'string' ? last : last?.kind === 'str' ? last.value : undefined;
    if (parts.length > 0 && !(lastText?.endsWith('/') ?? false) && lastText !== '') parts.push('/');
    parts.push(arg);
  }
  return template(parts);
}

function pathPart(pick: (text: string, slash: number) => string): PureFunction {
  return (args) => {
    const text = textOfArg(args[0]);
    return text === undefined ? undefined : str(pick(text, Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\'))));
  };
}

function digest(algorithm: string): PureFunction {
  return (args) => {
    const text = textOfArg(args[0]);
    if (text === undefined || text.length > 1_000_000) return undefined;
    return bytes(createHash(algorithm).update(text, 'latin1').digest().toString('latin1'));
  };
}

function fromJson(value: unknown, depth = 0): Value {
  if (value === null || depth > 50) return NONE;
  if (typeof value === 'string') return str(value);
  if (typeof value === 'number') return Number.isInteger(value) ? int(value) : float(value);
  if (typeof value === 'boolean') return bool(value);
  if (Array.isArray(value)) return list(value.map((v) => fromJson(v, depth + 1)));
  const entries = new Map<string, Value>();
  for (const [k, v] of Object.entries(value as Record<string, unknown>)) entries.set(`s${k}`, fromJson(v, depth + 1));
  return dict(entries);
}

function jsonLoads(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  // A hook sees, and changes, what comes out.
  if (keywords.size > 0) return undefined;
  const text = textOfArg(args[0]);
  if (text === undefined) return undefined;
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function slicer(take: (values: readonly Value[], n: number) => Value[]): PureFunction {
  return (args) => {
    const values = elementsOf(args[0]);
    const n = args[1] === undefined ? 0 : numberOf(args[1]);
    return values === undefined || n === undefined ? undefined : list(take(values, Number(n)));
  };
}

const arithmetic =
  (op: Parameters<typeof binary>[0]): PureFunction =>
  (args) =>
    args.length === 2 && isConstant(args[0]!) && isConstant(args[1]!) ? binary(op, args[0]!, args[1]!) : undefined;

function fromBytes(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  const text = textOfArg(args[0]);
  const orderName = textOfArg(args[1] ?? keywords.get('byteorder') ?? str('big'));
  if (text === undefined || text.length > 4096 || text === '') return undefined;
  const raw = Buffer.from(text, 'latin1');
  if (orderName === 'little') raw.reverse();
  return int(BigInt(`0x${raw.toString('hex')}`));
}

/** `n.to_bytes(length, order)`. */
export function toBytesMethod(
  self: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const n = numberOf(self);
  const length = numberOf(args[0] ?? keywords.get('length') ?? int(1));
  const orderName = textOfArg(args[1] ?? keywords.get('byteorder') ?? str('big'));
  if (n === undefined || length === undefined || Number(length) > 4_000_000 || BigInt(n) < 0n) return undefined;
  const raw = Buffer.from(
    BigInt(n)
      .toString(16)
      .padStart(Number(length) * 2, '0')
      .slice(-Number(length) * 2),
    'hex',
  );
  if (orderName === 'little') raw.reverse();
  return bytes(raw.toString('latin1'));
}

const CONSTANT_KEY = (args: readonly Value[]): boolean => args.every((a) => isConstant(a));

function len(args: readonly Value[]): Value | undefined {
  const [value] = args;
  if (value === undefined) return undefined;
  if (value.kind === 'str') return int(characters(value.value).length);
  if (value.kind === 'bytes') return int(value.value.length);
  if (value.kind === 'sequence') return value.isOpen ? undefined : int(value.elements.length);
  if (value.kind === 'dict') return value.isOpen ? undefined : int(value.entries.size);
  return undefined;
}

function makeDict(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  const entries = new Map<string, Value>();
  const [first] = args;
  if (first?.kind === 'dict') for (const [k, v] of first.entries) entries.set(k, v);
  else if (first !== undefined) {
    const pairs = elementsOf(first);
    if (pairs === undefined) return undefined;
    for (const pair of pairs) {
      const [k, v] = elementsOf(pair) ?? [];
      const key = k === undefined ? undefined : keyOf(k);
      if (key === undefined || v === undefined) return undefined;
      entries.set(key, v);
    }
  }
  for (const [k, v] of keywords) entries.set(`s${k}`, v);
  return dict(entries, first?.kind === 'dict' && first.isOpen);
}

/** By canonical name. */
export const LIBRARY: ReadonlyMap<string, PureFunction> = new Map<string, PureFunction>([
  ...PACKED,
  ['len', len],
  [
    'chr',
    (args) =>
      args[0]?.kind === 'int' && Number(args[0].value) >= 0 && Number(args[0].value) <= 0x10ffff
        ? str(String.fromCodePoint(Number(args[0].value)))
        : undefined,
  ],
  [
    'ord',
    (args) => {
      const text = textOfArg(args[0]);
      return text === undefined || text === ''
        ? undefined
        : int(args[0]?.kind === 'str' ? text.codePointAt(0)! : text.charCodeAt(0));
    },
  ],
  ['int', toInt],
  [
    'float',
    (args) => {
      const n = args[0] === undefined ? 0 : (numberOf(args[0]) ?? Number(textOfArg(args[0]) ?? Number.NaN));
      return Number.isNaN(Number(n)) ? undefined : float(Number(n));
    },
  ],
  ['str', toStr],
  ['repr', (args) => (args[0] === undefined ? undefined : template([represent(args[0])]))],
  ['ascii', (args) => (args[0] === undefined ? undefined : represent(args[0]))],
  ['bytes', toBytes],
  ['bytearray', toByteArray],
  ['memoryview', (args) => args[0]],
  ['bytes.fromhex', (args) => textMethod(bytes(''), 'fromhex', args, new Map())],
  [
    'bytearray.fromhex',
    (args) => {
      const made = textMethod(bytes(''), 'fromhex', args, new Map());
      return made === undefined ? undefined : toByteArray([made]);
    },
  ],
  ['str.maketrans', makeTranslation],
  ['bytes.maketrans', makeTranslation],
  ['string.maketrans', makeTranslation],
  ['int.from_bytes', fromBytes],
  [
    'bool',
    (args) =>
      args[0] === undefined
        ? bool(false)
        : (() => {
            const t = truth(args[0]);
            return t === undefined ? undefined : bool(t);
          })(),
  ],
  ['list', sequenceOf('list')],
  ['tuple', sequenceOf('tuple')],
  ['set', sequenceOf('set')],
  ['frozenset', sequenceOf('set')],
  ['collections.deque', sequenceOf('list')],
  ['iter', (args) => (args.length === 1 && elementsOf(args[0]) !== undefined ? args[0] : undefined)],
  ['dict', makeDict],
  ['collections.OrderedDict', makeDict],
  [
    'dict.fromkeys',
    (args) => {
      const entries = new Map<string, Value>();
      for (const k of elementsOf(args[0]) ?? []) entries.set(keyOf(k) ?? '?', args[1] ?? NONE);
      return elementsOf(args[0]) === undefined ? undefined : dict(entries);
    },
  ],
  ['range', range],
  ['zip', zip],
  [
    'enumerate',
    (args) => {
      const values = elementsOf(args[0]);
      const start = Number(numberOf(args[1] ?? int(0)) ?? 0);
      return values === undefined ? undefined : list(values.map((v, i) => tuple([int(i + start), v])));
    },
  ],
  [
    'reversed',
    (args) => {
      const values = elementsOf(args[0]);
      return values === undefined ? undefined : list([...values].reverse());
    },
  ],
  [
    'sorted',
    (args, keywords) => {
      const values = elementsOf(args[0]);
      if (values === undefined || keywords.has('key')) return undefined;
      const sorted = order(values);
      if (sorted === undefined) return undefined;
      const reverse = keywords.get('reverse');
      return list(reverse !== undefined && truth(reverse) === true ? sorted.reverse() : sorted);
    },
  ],
  ['min', extreme(false)],
  ['max', extreme(true)],
  [
    'sum',
    (args) => {
      const values = elementsOf(args[0]);
      return values?.reduce((a, b) => binary('Add', a, b), args[1] ?? int(0));
    },
  ],
  [
    'abs',
    (args) => {
      const n = args[0] === undefined ? undefined : numberOf(args[0]);
      return n === undefined ? undefined : n < 0 ? int(typeof n === 'bigint' ? -n : -n) : args[0];
    },
  ],
  [
    'pow',
    (args) => {
      const [a, b, m] = args.map(numberOf);
      if (a === undefined || b === undefined) return undefined;
      if (m === undefined) return args.length === 2 ? binary('Pow', args[0]!, args[1]!) : undefined;
      let result = 1n;
      let base = BigInt(a) % BigInt(m);
      let exponent = BigInt(b);
      if (exponent < 0n || BigInt(m) === 0n || exponent.toString(2).length > 4096) return undefined;
      for (; exponent > 0n; exponent >>= 1n) {
        if ((exponent & 1n) === 1n) result = (result * base) % BigInt(m);
        base = (base * base) % BigInt(m);
      }
      return int(result);
    },
  ],
  [
    'round',
    (args) =>
      args.length === 1 && numberOf(args[0]!) !== undefined ? int(Math.round(Number(numberOf(args[0]!)))) : undefined,
  ],
  [
    'divmod',
    (args) =>
      args.length === 2
        ? tuple([binary('FloorDiv', args[0]!, args[1]!), binary('Mod', args[0]!, args[1]!)])
        : undefined,
  ],
  [
    'hex',
    (args) => (numberOf(args[0] ?? NONE) === undefined ? undefined : str(`0x${numberOf(args[0]!)!.toString(16)}`)),
  ],
  [
    'oct',
    (args) => (numberOf(args[0] ?? NONE) === undefined ? undefined : str(`0o${numberOf(args[0]!)!.toString(8)}`)),
  ],
  [
    'bin',
    (args) => (numberOf(args[0] ?? NONE) === undefined ? undefined : str(`0b${numberOf(args[0]!)!.toString(2)}`)),
  ],
  ['format', (args) => (args[0] === undefined ? undefined : template([fieldText(args[0], textOfArg(args[1]) ?? '')]))],
  [
    'any',
    (args) => {
      const values = elementsOf(args[0])?.map(truth);
      return values === undefined
        ? undefined
        : values.includes(true)
          ? bool(true)
          : values.includes(undefined)
            ? undefined
            : bool(false);
    },
  ],
  [
    'all',
    (args) => {
      const values = elementsOf(args[0])?.map(truth);
      return values === undefined
        ? undefined
        : values.includes(false)
          ? bool(false)
          : values.includes(undefined)
            ? undefined
            : bool(true);
    },
  ],
  ['operator.xor', arithmetic('BitXor')],
  ['operator.add', arithmetic('Add')],
  ['operator.concat', arithmetic('Add')],
  ['operator.sub', arithmetic('Sub')],
  ['operator.mul', arithmetic('Mult')],
  ['operator.mod', arithmetic('Mod')],
  ['operator.eq', (args) => (args.length === 2 ? compare('Eq', args[0]!, args[1]!) : undefined)],
  ['operator.getitem', (args) => (args.length === 2 ? subscript(args[0]!, args[1]!) : undefined)],
  [
    'itertools.chain',
    (args) => {
      const all = args.map(elementsOf);
      return all.includes(undefined) ? undefined : list(all.flatMap((a) => [...(a ?? [])]));
    },
  ],
  [
    'itertools.chain.from_iterable',
    (args) => {
      const all = elementsOf(args[0])?.map(elementsOf);
      return all === undefined || all.includes(undefined) ? undefined : list(all.flatMap((a) => [...(a ?? [])]));
    },
  ],
  ['itertools.islice', slicer((values, n) => values.slice(0, n))],
  ['itertools.repeat', repeated],
  ['itertools.cycle', cycle],
  [
    'itertools.tee',
    (args) => {
      const count = args[1] === undefined ? 2 : Number(numberOf(args[1]) ?? 0);
      return elementsOf(args[0]) === undefined || count > 100
        ? undefined
        : tuple(Array.from({ length: count }, () => args[0]!));
    },
  ],
  ['os.path.join', joinPathText],
  ['os.path.basename', pathPart((text, slash) => text.slice(slash + 1))],
  ['os.path.dirname', pathPart((text, slash) => text.slice(0, Math.max(0, slash)))],
  ['os.path.normpath', (args) => (args[0]?.kind === 'str' ? args[0] : undefined)],
  [
    'os.path.abspath',
    (args) => (args[0]?.kind === 'str' && /^[/~%]|^[A-Z]:/.test(args[0].value) ? args[0] : undefined),
  ],
  ['os.fspath', (args) => args[0]],
  ['os.fsencode', (args) => args[0]],
  [
    'os.path.splitext',
    (args) => {
      const text = textOfArg(args[0]);
      if (text === undefined) return undefined;
      const at = text.lastIndexOf('.');
      return at <= Math.max(text.lastIndexOf('/'), 0)
        ? tuple([str(text), str('')])
        : tuple([str(text.slice(0, at)), str(text.slice(at))]);
    },
  ],
  ['urllib.parse.quote', (args) => (args[0]?.kind === 'str' ? str(quote(args[0].value)) : undefined)],
  ['urllib.parse.quote_plus', (args) => (args[0]?.kind === 'str' ? str(quote(args[0].value)) : undefined)],
  ['urllib.parse.unquote', unquote],
  ['urllib.parse.unquote_plus', unquote],
  [
    'urllib.parse.urljoin',
    (args) => {
      const [base, path] = args;
      if (base === undefined || path === undefined) return undefined;
      if (path.kind === 'str' && path.value.includes('://')) return path;
      return template([base, '/', path]);
    },
  ],
  ['json.loads', jsonLoads],
  [
    'html.unescape',
    (args) =>
      args[0]?.kind === 'str'
        ? str(
            args[0].value
              .replaceAll(/&#[xX]([\da-fA-F]{1,6});/g, (_, n: string) =>
                String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(n, 16))),
              )
              .replaceAll(/&#(\d+);/g, (_, n: string) => String.fromCodePoint(Math.min(0x10ffff, Number(n))))
              .replaceAll('&amp;', '&'),
          )
        : undefined,
  ],
  ['textwrap.dedent', (args) => (args[0]?.kind === 'str' ? str(dedent(args[0].value)) : undefined)],
  ['inspect.cleandoc', (args) => (args[0]?.kind === 'str' ? str(dedent(args[0].value)) : undefined)],
  ['sys.intern', (args) => args[0]],
  ['hashlib.sha256', digest('sha256')],
  ['hashlib.md5', digest('md5')],
  ['hashlib.sha1', digest('sha1')],
  ['hashlib.sha512', digest('sha512')],
  ['hashlib.sha3_512', digest('sha3-512')],
  ['hashlib.sha3_256', digest('sha3-256')],
  ['copy.copy', (args) => args[0]],
  ['copy.deepcopy', (args) => args[0]],
  ['typing.cast', (args) => args[1]],
  [
    'codecs.encode',
    (args) => (args[0]?.kind === 'str' ? encodeText(args[0].value, textOfArg(args[1]) ?? 'utf-8') : undefined),
  ],
  [
    're.sub',
    (args) => {
      // Only patterns that are plain text: no regular expression of a stranger is ever run.
      const [pattern, to, text] = args.map((a) => textOfArg(a));
      if (
        pattern === undefined ||
        to === undefined ||
        text === undefined ||
        /[\\^$.|?*+()[\]{}]/.test(pattern) ||
        pattern === ''
      )
        return undefined;
      return str(text.replaceAll(pattern, () => to));
    },
  ],
  [
    'operator.truth',
    (args) => (CONSTANT_KEY(args) && args[0] !== undefined ? bool(truth(args[0]) ?? true) : undefined),
  ],
]);

/** Known attributes of modules. */
export const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['string.ascii_lowercase', str('abcdefghijklmnopqrstuvwxyz')],
  ['string.ascii_uppercase', str('ABCDEFGHIJKLMNOPQRSTUVWXYZ')],
  ['string.ascii_letters', str('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')],
  ['string.digits', str('0123456789')],
  ['string.hexdigits', str('0123456789abcdefABCDEF')],
  ['string.punctuation', str('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')],
  [
    'string.printable',
    str(
      '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\x0b\x0c',
    ),
  ],
  ['string.whitespace', str(' \t\n\r\x0b\x0c')],
]);

/** Common leading white space removed, as `textwrap.dedent`. */
export function dedent(text: string): string {
  const lines = text.split('\n');
  let margin: string | undefined;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    if (margin === undefined || margin.startsWith(indent)) margin = indent;
    else if (!indent.startsWith(margin)) {
      let n = 0;
      while (n < indent.length && indent[n] === margin[n]) n++;
      margin = margin.slice(0, n);
    }
  }
  const cut = margin ?? '';
  return cut === '' ? text : lines.map((l) => (l.startsWith(cut) ? l.slice(cut.length) : l.trimStart())).join('\n');
}
