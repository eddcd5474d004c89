// Owns the table of pickle opcodes, as in CPython's pickletools. Imports nothing. Start at OPCODES.

export interface PickleOpcode {
  readonly name: string;
  /** how the argument behind the opcode is written; `lines`: two lines; `text4`: four bytes of length, then so many */
  readonly argument: 'none' | 'u1' | 'u2' | 'i4' | 'u8' | 'line' | 'lines' | 'text1' | 'text4' | 'text8';
  readonly effect:
    | 'text'
    | 'other'
    | 'empty'
    | 'mark'
    | 'pop-mark'
    | 'collect'
    | 'tuple'
    | 'extend'
    | 'append'
    | 'pop'
    | 'dup'
    | 'put'
    | 'memoize'
    | 'get'
    | 'protocol'
    | 'nothing'
    | 'call';
  readonly encoding: 'utf8' | 'latin1';
  /** operands of `tuple` and `append` */
  readonly count?: number;
}

type Row = readonly [string, string, PickleOpcode['argument'], PickleOpcode['effect'], number?];

const ROWS: readonly Row[] = [
  ['I', 'INT', 'line', 'other'],
  ['J', 'BININT', 'i4', 'other'],
  ['K', 'BININT1', 'u1', 'other'],
  ['M', 'BININT2', 'u2', 'other'],
  ['L', 'LONG', 'line', 'other'],
  ['\x8a', 'LONG1', 'text1', 'other'],
  ['\x8b', 'LONG4', 'text4', 'other'],
  ['S', 'STRING', 'line', 'text'],
  ['T', 'BINSTRING', 'text4', 'text'],
  ['U', 'SHORT_BINSTRING', 'text1', 'text'],
  ['B', 'BINBYTES', 'text4', 'text'],
  ['C', 'SHORT_BINBYTES', 'text1', 'text'],
  ['\x8e', 'BINBYTES8', 'text8', 'text'],
  ['\x96', 'BYTEARRAY8', 'text8', 'text'],
  ['\x97', 'NEXT_BUFFER', 'none', 'other'],
  ['\x98', 'READONLY_BUFFER', 'none', 'nothing'],
  ['N', 'NONE', 'none', 'other'],
  ['\x88', 'NEWTRUE', 'none', 'other'],
  ['\x89', 'NEWFALSE', 'none', 'other'],
  ['V', 'UNICODE', 'line', 'text'],
  ['\x8c', 'SHORT_BINUNICODE', 'text1', 'text'],
  ['X', 'BINUNICODE', 'text4', 'text'],
  ['\x8d', 'BINUNICODE8', 'text8', 'text'],
  ['F', 'FLOAT', 'line', 'other'],
  ['G', 'BINFLOAT', 'u8', 'other'],
  [']', 'EMPTY_LIST', 'none', 'empty'],
  ['a', 'APPEND', 'none', 'append', 1],
  ['e', 'APPENDS', 'none', 'extend'],
  ['l', 'LIST', 'none', 'collect'],
  [')', 'EMPTY_TUPLE', 'none', 'empty'],
  ['t', 'TUPLE', 'none', 'collect'],
  ['\x85', 'TUPLE1', 'none', 'tuple', 1],
  ['\x86', 'TUPLE2', 'none', 'tuple', 2],
  ['\x87', 'TUPLE3', 'none', 'tuple', 3],
  ['}', 'EMPTY_DICT', 'none', 'empty'],
  ['d', 'DICT', 'none', 'collect'],
  ['s', 'SETITEM', 'none', 'append', 2],
  ['u', 'SETITEMS', 'none', 'extend'],
  ['\x8f', 'EMPTY_SET', 'none', 'empty'],
  ['\x90', 'ADDITEMS', 'none', 'extend'],
  ['\x91', 'FROZENSET', 'none', 'collect'],
  ['0', 'POP', 'none', 'pop'],
  ['2', 'DUP', 'none', 'dup'],
  ['(', 'MARK', 'none', 'mark'],
  ['1', 'POP_MARK', 'none', 'pop-mark'],
  ['g', 'GET', 'line', 'get'],
  ['h', 'BINGET', 'u1', 'get'],
  ['j', 'LONG_BINGET', 'i4', 'get'],
  ['p', 'PUT', 'line', 'put'],
  ['q', 'BINPUT', 'u1', 'put'],
  ['r', 'LONG_BINPUT', 'i4', 'put'],
  ['\x94', 'MEMOIZE', 'none', 'memoize'],
  ['\x82', 'EXT1', 'u1', 'call'],
  ['\x83', 'EXT2', 'u2', 'call'],
  ['\x84', 'EXT4', 'i4', 'call'],
  ['c', 'GLOBAL', 'lines', 'call'],
  ['\x93', 'STACK_GLOBAL', 'none', 'call'],
  ['R', 'REDUCE', 'none', 'call'],
  ['b', 'BUILD', 'none', 'call'],
  ['i', 'INST', 'lines', 'call'],
  ['o', 'OBJ', 'none', 'call'],
  ['\x81', 'NEWOBJ', 'none', 'call'],
  ['\x92', 'NEWOBJ_EX', 'none', 'call'],
  ['\x80', 'PROTO', 'u1', 'protocol'],
  ['.', 'STOP', 'none', 'nothing'],
  ['\x95', 'FRAME', 'u8', 'nothing'],
  ['P', 'PERSID', 'line', 'text'],
  ['Q', 'BINPERSID', 'none', 'call'],
];

const LATIN1 = new Set([
  'STRING',
  'BINSTRING',
  'SHORT_BINSTRING',
  'BINBYTES',
  'SHORT_BINBYTES',
  'BINBYTES8',
  'BYTEARRAY8',
]);

/** By the byte that stands for them. */
export const OPCODES: ReadonlyMap<number, PickleOpcode> = new Map(
  ROWS.map(([code, name, argument, effect, count]) => [
    code.charCodeAt(0),
    {
      name,
      argument,
      effect,
      encoding: LATIN1.has(name) ? 'latin1' : 'utf8',
      ...(count === undefined ? {} : { count }),
    },
  ]),
);
