// Owns arithmetic, comparison, indexing and slicing of values. May import value, text, format. Start at binary.
import type { CompareOperator, Operator, UnaryOperator } from '../ast.ts';
import { percentText } from './format.ts';
import { CLEAN, unite } from './taint.ts';
import { characters } from './text-methods.ts';
import {
  bool,
  bytes,
  dict,
  float,
  int,
  isConstant,
  keyOf,
  list,
  MAX_TEXT,
  ref,
  type SequenceValue,
  str,
  taintOf,
  template,
  truth,
  unknown,
  type Value,
  withTaint,
} from './value.ts';

const MAX_ELEMENTS = 1_000_000;

/** `left op right`. Always a value: what cannot be computed carries the data of both. */
export function binary(op: Operator, left: Value, right: Value): Value {
  if (left.kind === 'union' || right.kind === 'union') return overUnion(left, right, (a, b) => binary(op, a, b));
  const result = compute(op, left, right);
  const taint = unite(taintOf(left), taintOf(right));
  return result === undefined
    ? unknown(taint)
    : result.kind === 'sequence' || result.kind === 'dict'
      ? result
      : withTaint(result, taint);
}

/** The operation for each option, at most four. */
export function overUnion(left: Value, right: Value, operation: (a: Value, b: Value) => Value): Value {
  const lefts = left.kind === 'union' ? left.options : [left];
  const rights = right.kind === 'union' ? right.options : [right];
  const options: Value[] = [];
  for (const a of lefts) for (const b of rights) if (options.length < 4) options.push(operation(a, b));
  const taint = unite(taintOf(left), taintOf(right));
  return options.length === 1 ? options[0]! : { kind: 'union', options, taint };
}

function compute(op: Operator, left: Value, right: Value): Value | undefined {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return arithmetic(op, a, b, left.kind === 'float' || right.kind === 'float');
  switch (op) {
    case 'Add':
      return add(left, right);
    case 'Mult':
      return b !== undefined ? repeat(left, Number(b)) : a !== undefined ? repeat(right, Number(a)) : undefined;
    case 'Mod':
      if (left.kind === 'str') return percentText(left.value, right);
      if (left.kind === 'bytes') return asBytes(percentText(left.value, right));
      return left.kind === 'template' ? template([left, right]) : undefined;
    case 'Div':
      if (isPath(left) || isPath(right)) return joinPath([left, right]);
      return undefined;
    case 'BitOr':
      if (left.kind === 'dict' && right.kind === 'dict')
        return dict(new Map([...left.entries, ...right.entries]), left.isOpen || right.isOpen);
      return undefined;
    default:
      return undefined;
  }
}

function asBytes(text: Value | undefined): Value | undefined {
  return text?.kind === 'str' ? bytes(text.value, text.taint) : text;
}

function isPath(value: Value): boolean {
  return value.kind === 'ref' && value.name.startsWith('pathlib.Path');
}

/** A path made of parts, as a `pathlib.Path`. */
export function joinPath(parts: readonly Value[]): Value {
  const origin = parts.find((p) => p.kind === 'ref' && p.call !== undefined);
  const site = origin?.kind === 'ref' ? origin.call?.site : undefined;
  let taint = taintOf(parts[0]!);
  for (const part of parts) taint = unite(taint, taintOf(part));
  if (site === undefined)
    return template(
      parts.flatMap((p, i) => (i === 0 ? [p] : ['/', p])),
      taint,
    );
  return ref('pathlib.Path()', taint, {
    name: 'pathlib.Path',
    args: parts,
    keywords: new Map(),
    receiver: undefined,
    site,
    absorbed: CLEAN,
  });
}

export function numberOf(value: Value): number | bigint | undefined {
  if (value.kind === 'int' || value.kind === 'float') return value.value;
  return value.kind === 'bool' ? Number(value.value) : undefined;
}

function arithmetic(op: Operator, a: number | bigint, b: number | bigint, isFloat: boolean): Value | undefined {
  if (isFloat) return floating(op, Number(a), Number(b));
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = small(op, a, b);
    if (quick !== undefined) return int(quick);
  }
  return large(op, BigInt(a), BigInt(b));
}

/** Integer arithmetic that stays exact in doubles. */
function small(op: Operator, a: number, b: number): number | undefined {
  let result: number;
  switch (op) {
    case 'Add':
      result = a + b;
      break;
    case 'Sub':
      result = a - b;
      break;
    case 'Mult':
      result = a * b;
      break;
    case 'FloorDiv':
      if (b === 0) return undefined;
      result = Math.floor(a / b);
      break;
    case 'Mod':
      if (b === 0) return undefined;
      result = a - b * Math.floor(a / b);
      break;
    case 'BitXor':
    case 'BitAnd':
    case 'BitOr':
      if ((a | 0) !== a || (b | 0) !== b) return undefined;
      result = op === 'BitXor' ? a ^ b : op === 'BitAnd' ? a & b : a | b;
      break;
    case 'RShift':
      if ((a | 0) !== a || b < 0 || b > 31) return undefined;
      result = a >> b;
      break;
    default:
      return undefined;
  }
  return Number.isSafeInteger(result) ? result + 0 : undefined;
}

function large(op: Operator, a: bigint, b: bigint): Value | undefined {
  switch (op) {
    case 'Add':
      return int(a + b);
    case 'Sub':
      return int(a - b);
    case 'Mult':
      return a.toString(16).length + b.toString(16).length > 4096 ? undefined : int(a * b);
    case 'Div':
      return b === 0n ? undefined : float(Number(a) / Number(b));
    case 'FloorDiv':
    case 'Mod': {
      if (b === 0n) return undefined;
      const remainder = ((a % b) + b) % b;
      return int(op === 'Mod' ? remainder : (a - remainder) / b);
    }
    case 'Pow':
      if (b < 0n) return float(Number(a) ** Number(b));
      return b > 4096n || a.toString(16).length * Number(b) > 8192 ? undefined : int(a ** b);
    case 'LShift':
      return b < 0n || b > 16384n ? undefined : int(a << b);
    case 'RShift':
      return b < 0n || b > 1_000_000n ? undefined : int(a >> b);
    case 'BitAnd':
      return int(a & b);
    case 'BitOr':
      return int(a | b);
    case 'BitXor':
      return int(a ^ b);
    case 'MatMult':
      return undefined;
  }
}

function floating(op: Operator, a: number, b: number): Value | undefined {
  switch (op) {
    case 'Add':
      return float(a + b);
    case 'Sub':
      return float(a - b);
    case 'Mult':
      return float(a * b);
    case 'Div':
      return b === 0 ? undefined : float(a / b);
    case 'FloorDiv':
      return b === 0 ? undefined : float(Math.floor(a / b));
    case 'Mod':
      return b === 0 ? undefined : float(a - b * Math.floor(a / b));
    case 'Pow':
      return float(a ** b);
    default:
      return undefined;
  }
}

function isText(value: Value): boolean {
  return value.kind === 'str' || value.kind === 'bytes' || value.kind === 'template';
}

function add(left: Value, right: Value): Value | undefined {
  if (left.kind === 'str' && right.kind === 'str')
    return left.value.length + right.value.length > MAX_TEXT ? undefined : str(left.value + right.value);
  if (left.kind === 'bytes' && right.kind === 'bytes')
    return left.value.length + right.value.length > MAX_TEXT ? undefined : bytes(left.value + right.value);
  if (left.kind === 'sequence' && right.kind === 'sequence') {
    if (left.elements.length + right.elements.length > MAX_ELEMENTS) return undefined;
    const sum = list([...left.elements, ...right.elements], left.isOpen || right.isOpen, left.type);
    sum.taint = unite(left.taint, right.taint);
    return sum;
  }
  if (isText(left) || isText(right)) return template([left, right]);
  if (left.kind === 'sequence') {
    const sum = list([...left.elements], true, left.type);
    sum.taint = unite(left.taint, taintOf(right));
    return sum;
  }
  if (right.kind === 'sequence' && left.kind === 'ref') {
    // Elements that are not known stand before those that are.
    const sum = list([ref(`${left.name}[]`, left.taint, left.call), ...right.elements], true, right.type);
    sum.taint = unite(right.taint, left.taint);
    return sum;
  }
  // An unknown plus an unknown may be text: keep the order.
  if (left.kind === 'ref' && right.kind === 'ref') return template([left, right]);
  return undefined;
}

function repeat(value: Value, times: number): Value | undefined {
  if (value.kind === 'str' || value.kind === 'bytes') {
    if (times * value.value.length > MAX_TEXT) return undefined;
    const text = value.value.repeat(Math.max(0, times));
    return value.kind === 'str' ? str(text) : bytes(text);
  }
  if (value.kind === 'sequence') {
    if (times * value.elements.length > MAX_ELEMENTS) return undefined;
    const elements: Value[] = [];
    for (let i = 0; i < times; i++) for (const element of value.elements) elements.push(element);
    return list(elements, value.isOpen, value.type);
  }
  return value.kind === 'template' && times >= 1 ? value : undefined;
}

export function unary(op: UnaryOperator, value: Value): Value {
  const taint = taintOf(value);
  if (op === 'Not') {
    const known = truth(value);
    return known === undefined ? unknown(taint) : bool(!known);
  }
  const n = numberOf(value);
  if (n === undefined) return unknown(taint);
  if (value.kind === 'float')
    return op === 'Invert' ? unknown(taint) : float(op === 'USub' ? -value.value : value.value, taint);
  if (op === 'Invert') return int(typeof n === 'bigint' ? ~n : -n - 1, taint);
  return int(op === 'USub' ? (typeof n === 'bigint' ? -n : 0 - n) : n, taint);
}

/** Comparison; its result carries no data: what one learns from it is one bit. */
export function compare(op: CompareOperator, left: Value, right: Value): Value {
  const known = compareKnown(op, left, right);
  return known === undefined ? unknown({ bits: 0, origins: [] }) : bool(known);
}

function compareKnown(op: CompareOperator, left: Value, right: Value): boolean | undefined {
  if (left.kind === 'union' || right.kind === 'union') return undefined;
  if (op === 'Is' || op === 'IsNot' || op === 'Eq' || op === 'NotEq') {
    const same = isEqual(left, right);
    return same === undefined ? undefined : op === 'Is' || op === 'Eq' ? same : !same;
  }
  if (op === 'In' || op === 'NotIn') {
    const contained = contains(right, left);
    return contained === undefined ? undefined : op === 'In' ? contained : !contained;
  }
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return order(op, a < b ? -1 : a > b ? 1 : 0);
  if ((left.kind === 'str' && right.kind === 'str') || (left.kind === 'bytes' && right.kind === 'bytes'))
    return order(op, left.value < right.value ? -1 : left.value > right.value ? 1 : 0);
  return undefined;
}

function order(op: CompareOperator, sign: number): boolean {
  return op === 'Lt' ? sign < 0 : op === 'LtE' ? sign <= 0 : op === 'Gt' ? sign > 0 : sign >= 0;
}

function isEqual(left: Value, right: Value): boolean | undefined {
  if (left === right && left.kind !== 'ref' && left.kind !== 'template') return true;
  if (left.kind === 'none' || right.kind === 'none') {
    const other = left.kind === 'none' ? right : left;
    return other.kind === 'none'
      ? true
      : isConstant(other) || other.kind === 'function' || other.kind === 'class'
        ? false
        : undefined;
  }
  if (!isConstant(left) || !isConstant(right)) return undefined;
  const a = keyOf(left);
  const b = keyOf(right);
  if (a !== undefined && b !== undefined) return a === b;
  if (left.kind === 'sequence' && right.kind === 'sequence') {
    if (left.type !== right.type || left.elements.length !== right.elements.length) return false;
    for (let i = 0; i < left.elements.length; i++) {
      const same = isEqual(left.elements[i]!, right.elements[i]!);
      if (same !== true) return same;
    }
    return true;
  }
  return left.kind === right.kind ? undefined : false;
}

function contains(whole: Value, part: Value): boolean | undefined {
  if ((whole.kind === 'str' && part.kind === 'str') || (whole.kind === 'bytes' && part.kind === 'bytes'))
    return whole.value.includes(part.value);
  const key = keyOf(part);
  if (key === undefined) return undefined;
  if (whole.kind === 'dict') return whole.entries.has(key) ? true : whole.isOpen ? undefined : false;
  if (whole.kind !== 'sequence') return undefined;
  let isUnsure = whole.isOpen;
  for (const element of whole.elements) {
    const other = keyOf(element);
    if (other === key) return true;
    if (other === undefined) isUnsure = true;
  }
  return isUnsure ? undefined : false;
}

/** `value[index]` for known containers; undefined when it cannot be told. */
export function subscript(value: Value, index: Value): Value | undefined {
  if (value.kind === 'dict') {
    const key = keyOf(index);
    if (key === undefined) return undefined;
    const found = value.entries.get(key);
    return found === undefined ? undefined : withTaint(found, value.taint);
  }
  const n = numberOf(index);
  if (n === undefined) return undefined;
  const at = Number(n);
  if (value.kind === 'sequence') {
    if (value.isOpen && at < 0) return undefined;
    const element = value.elements[at < 0 ? value.elements.length + at : at];
    return element === undefined ? undefined : withTaint(element, value.taint);
  }
  if (value.kind === 'bytes') {
    const code = value.value.charCodeAt(at < 0 ? value.value.length + at : at);
    return Number.isNaN(code) ? undefined : int(code, value.taint);
  }
  if (value.kind === 'str') {
    const text = characters(value.value);
    const c = text[at < 0 ? text.length + at : at];
    return c === undefined ? undefined : str(c, value.taint);
  }
  return undefined;
}

/** `value[lower:upper:step]`; bounds undefined when absent. */
export function slice(
  value: Value,
  lower: Value | undefined,
  upper: Value | undefined,
  step: Value | undefined,
): Value | undefined {
  const known = [lower, upper, step].map((v) =>
    v === undefined || v.kind === 'none' ? null : (numberOf(v) ?? undefined),
  );
  if (known.includes(undefined)) return undefined;
  const [low, high, stride] = known.map((n) => (n === null || n === undefined ? undefined : Number(n)));
  if (value.kind === 'str') {
    const text = characters(value.value);
    if (typeof text === 'string' && (stride === undefined || stride === 1))
      return str(text.slice(low, high), value.taint);
    return str(pick(text, low, high, stride ?? 1).join(''), value.taint);
  }
  if (value.kind === 'bytes') {
    if (stride === undefined || stride === 1) return bytes(value.value.slice(low, high), value.taint);
    return bytes(pick(value.value, low, high, stride).join(''), value.taint);
  }
  if (value.kind === 'sequence' && !value.isOpen) {
    const part: SequenceValue = list(pick(value.elements, low, high, stride ?? 1), false, value.type);
    part.taint = value.taint;
    return part;
  }
  return undefined;
}

function pick<T>(of: ArrayLike<T>, low: number | undefined, high: number | undefined, step: number): T[] {
  const picked: T[] = [];
  if (step === 0) return picked;
  const { length } = of;
  const clamp = (n: number, min: number, max: number): number => Math.max(min, Math.min(max, n < 0 ? n + length : n));
  if (step > 0) {
    const end = high === undefined ? length : clamp(high, 0, length);
    for (let i = low === undefined ? 0 : clamp(low, 0, length); i < end; i += step) picked.push(of[i]!);
  } else {
    const end = high === undefined ? -1 : clamp(high, -1, length - 1);
    for (let i = low === undefined ? length - 1 : clamp(low, -1, length - 1); i > end; i += step) picked.push(of[i]!);
  }
  return picked;
}
