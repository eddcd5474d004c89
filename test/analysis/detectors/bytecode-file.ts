// Owns: bytecode files of CPython 3.11 whose module names and holds what a test wants, and whose instructions do nothing.
// Start here: pyc.

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const bytesOf = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from('s'), int(bytes.length), bytes]);
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from('u'), int(bytes.length), bytes]);
};
const tuple = (items: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('('), int(items.length), ...items]);

/** A `.pyc` whose module body touches these names and holds these texts. */
export function pyc(names: readonly string[], texts: readonly string[] = []): Buffer {
  return Buffer.concat([
    Buffer.from('a70d0d0a', 'hex'),
    int(0),
    int(0),
    int(0),
    Buffer.from('c'),
    ...[0, 0, 0, 1, 0].map(int),
    bytesOf(Buffer.from('970064005300', 'hex')),
    tuple(texts.map(text)),
    tuple(names.map(text)),
    tuple([]),
    bytesOf(Buffer.alloc(0)),
    text('module.py'),
    text('<module>'),
    text('<module>'),
    int(1),
    bytesOf(Buffer.alloc(0)),
    bytesOf(Buffer.alloc(0)),
  ]);
}
