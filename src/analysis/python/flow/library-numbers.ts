// Owns numbers of Python's builtins, and the operators as functions. Start at NUMBERS.
import { type PureFunction, textOfArg } from './elements.ts';
import { binary, compare, numberOf } from './operators.ts';
import { bool, bytes, float, int, isConstant, NONE, str, truth, tuple, type Value } from './value.ts';

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

/** By canonical name. */
export const NUMBERS: readonly (readonly [string, PureFunction])[] = [
  ['int', toInt],
  [
    'float',
    (args) => {
      const n = args[0] === undefined ? 0 : (numberOf(args[0]) ?? Number(textOfArg(args[0]) ?? Number.NaN));
      return Number.isNaN(Number(n)) ? undefined : float(Number(n));
    },
  ],
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
  ['operator.xor', arithmetic('BitXor')],
  ['operator.add', arithmetic('Add')],
  ['operator.concat', arithmetic('Add')],
  ['operator.sub', arithmetic('Sub')],
  ['operator.mul', arithmetic('Mult')],
  ['operator.mod', arithmetic('Mod')],
  ['operator.eq', (args) => (args.length === 2 ? compare('Eq', args[0]!, args[1]!) : undefined)],
  [
    'operator.truth',
    (args) => (CONSTANT_KEY(args) && args[0] !== undefined ? bool(truth(args[0]) ?? true) : undefined),
  ],
];
