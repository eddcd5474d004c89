// Owns what pure functions are, and the elements and texts of known values that they work on. May import value. Start at PureFunction.
import { int, type SequenceValue, str, type Value, valueOfKey } from './value.ts';

/** Computes a call; undefined when it cannot be told. The caller adds the arguments' taint. */
export type PureFunction = (args: readonly Value[], keywords: ReadonlyMap<string, Value>) => Value | undefined;

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

/** The text of a str, of bytes or of a bytearray, a character a byte; undefined when it is not known. */
export function textOfArg(value: Value | undefined): string | undefined {
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
