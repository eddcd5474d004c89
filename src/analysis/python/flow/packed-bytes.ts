// Owns bytes written as numbers, addresses and identifiers: struct, array, UUIDs, dotted addresses. May import value. Start at PACKED.
import { numberOf } from './operators.ts';
import { bytes, int, list, tuple, type Value } from './value.ts';

const MAX_BYTES = 4_000_000;
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  B: 1,
  c: 1,
  '?': 1,
  h: 2,
  H: 2,
  i: 4,
  I: 4,
  l: 4,
  L: 4,
  q: 8,
  Q: 8,
};

interface Field {
  readonly code: string;
  readonly count: number;
}

interface Layout {
  readonly isBig: boolean;
  readonly fields: readonly Field[];
}

/** Reads a format of `struct`; undefined: one that is not read (floats, pointers), or too long. */
function layoutOf(format: Value | undefined): Layout | undefined {
  if (format?.kind !== 'str' && format?.kind !== 'bytes') return undefined;
  const match = /^([@=<>!]?)((?:\d{0,7}[xbBcs?hHiIlLqQ]\s?)+)$/.exec(format.value.slice(0, 400));
  if (match === null) return undefined;
  const fields = [...(match[2] ?? '').matchAll(/(\d*)([xbBcs?hHiIlLqQ])/g)].map((m) => ({
    code: m[2] ?? 'B',
    count: m[1] === '' ? 1 : Number(m[1]),
  }));
  return { isBig: match[1] === '>' || match[1] === '!', fields };
}

function number(value: bigint, size: number, isBig: boolean): string {
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0');
  const raw = Buffer.from(hex, 'hex');
  if (!isBig) raw.reverse();
  return raw.toString('latin1');
}

function pack(args: readonly Value[]): Value | undefined {
  const layout = layoutOf(args[0]);
  if (layout === undefined) return undefined;
  let next = 1;
  let text = '';
  for (const { code, count } of layout.fields) {
    if (text.length + count * 8 > MAX_BYTES) return undefined;
    if (code === 'x') text += '\0'.repeat(count);
    else if (code === 's') {
      const given = args[next++];
      if (given?.kind !== 'bytes') return undefined;
      text += given.value.slice(0, count).padEnd(count, '\0');
    } else
      for (let i = 0; i < count; i++) {
        const given = args[next++];
        if (given === undefined) return undefined;
        if (code === 'c' && given.kind === 'bytes') text += given.value.slice(0, 1);
        else {
          const n = numberOf(given);
          if (n === undefined || !Number.isInteger(Number(n))) return undefined;
          text += number(BigInt(n), SIZES[code] ?? 1, layout.isBig);
        }
      }
  }
  return bytes(text);
}

function unpack(args: readonly Value[]): Value | undefined {
  const layout = layoutOf(args[0]);
  const data = args[1];
  if (layout === undefined || data?.kind !== 'bytes' || data.value.length > MAX_BYTES) return undefined;
  const values: Value[] = [];
  let at = 0;
  for (const { code, count } of layout.fields) {
    if (code === 'x' || code === 's') {
      if (code === 's') values.push(bytes(data.value.slice(at, at + count)));
      at += count;
      continue;
    }
    const size = SIZES[code] ?? 1;
    for (let i = 0; i < count && at + size <= data.value.length; i++, at += size) {
      const raw = Buffer.from(data.value.slice(at, at + size), 'latin1');
      if (!layout.isBig) raw.reverse();
      const n = BigInt(`0x${raw.toString('hex')}`);
      values.push(int(/[bhilq]/.test(code) ? BigInt.asIntN(size * 8, n) : n));
    }
  }
  return tuple(values);
}

/** `array.array('B', […])`: what it holds, as bytes. */
function array(args: readonly Value[]): Value | undefined {
  const [code, items] = args;
  if (code?.kind !== 'str' || items === undefined) return undefined;
  if (items.kind === 'bytes')
    return list(
      Array.from(items.value, (c) => int(c.charCodeAt(0))),
      false,
      'bytearray',
    );
  const size = SIZES[code.value];
  if (items.kind !== 'sequence' || items.isOpen || size === undefined || items.elements.length > MAX_BYTES)
    return undefined;
  let text = '';
  for (const item of items.elements) {
    const n = numberOf(item);
    if (n === undefined || !Number.isInteger(Number(n))) return undefined;
    text += number(BigInt(n), size, false);
  }
  return list(
    Array.from(text, (c) => int(c.charCodeAt(0))),
    false,
    'bytearray',
  );
}

/** `socket.inet_aton('1.2.3.4')`: four bytes. */
function dotted(args: readonly Value[]): Value | undefined {
  const [address] = args;
  const match = address?.kind === 'str' ? /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address.value) : null;
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.some((p) => p > 255) ? undefined : bytes(String.fromCharCode(...parts));
}

/** `uuid.UUID(text).bytes`; undefined when the text is no UUID. */
export function uuidBytes(text: string, isLittle: boolean): Value | undefined {
  const hex = text.replaceAll(/[{}-]|^urn:uuid:/g, '');
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) return undefined;
  const raw = Buffer.from(hex, 'hex');
  if (isLittle) {
    raw.subarray(0, 4).reverse();
    raw.subarray(4, 6).reverse();
    raw.subarray(6, 8).reverse();
  }
  return bytes(raw.toString('latin1'));
}

/** Pure functions by canonical name. */
export const PACKED: readonly (readonly [string, (args: readonly Value[]) => Value | undefined])[] = [
  ['struct.pack', pack],
  ['struct.unpack', unpack],
  ['array.array', array],
  ['socket.inet_aton', dotted],
];

/** `ipaddress.ip_address('1.2.3.4').packed`: four bytes, or sixteen. */
export function addressBytes(text: string): Value | undefined {
  const parts = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : undefined;
  if (parts !== undefined) return parts.every((n) => n < 256) ? bytes(String.fromCharCode(...parts)) : undefined;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined || !/^[0-9a-f:]{2,45}$/i.test(text)) return undefined;
  const words = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const [front, back] = [words(head), words(tail ?? '')];
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  if (!all.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return bytes(Buffer.from(all.map((word) => word.padStart(4, '0')).join(''), 'hex').toString('latin1'));
}
