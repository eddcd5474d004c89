// Owns the table of pure functions of Python and its library on known values. May import value, operators, codecs. Start at LIBRARY.
import type { PureFunction } from './elements.ts';
import { FORMATS } from './library-formats.ts';
import { NUMBERS } from './library-numbers.ts';
import { SEQUENCES } from './library-sequences.ts';
import { TEXTS } from './library-texts.ts';
import { PACKED } from './packed-bytes.ts';
import { str, type Value } from './value.ts';

/** By canonical name. */
export const LIBRARY: ReadonlyMap<string, PureFunction> = new Map([
  ...PACKED,
  ...NUMBERS,
  ...SEQUENCES,
  ...TEXTS,
  ...FORMATS,
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
