import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';

// JSON values as bytes: the first byte says how. Compressed and inflated off the main thread; large lists in slices, so
// that no single JSON.parse holds the event loop.
const PLAIN = 0;
const ZLIB = 1;
/** Each compressor begins with a quarter of a megabyte of tables of its own: for less than this it costs more than it saves. */
const COMPRESS_FROM_BYTES = 16 * 1_024;

const deflateAsync = promisify(deflate) as (bytes: Uint8Array, options: { level: number }) => Promise<Buffer>;
const inflateAsync = promisify(inflate) as (bytes: Uint8Array) => Promise<Buffer>;

/** A JSON value as bytes, compressed when that pays. */
export async function pack(value: unknown): Promise<Buffer> {
  const text = Buffer.from(JSON.stringify(value));
  if (text.length < COMPRESS_FROM_BYTES) return Buffer.concat([Buffer.of(PLAIN), text]);
  return Buffer.concat([Buffer.of(ZLIB), await deflateAsync(text, { level: 1 })]);
}

/** The value behind packed bytes. */
export async function unpack(bytes: Uint8Array): Promise<unknown> {
  const body = bytes.subarray(1);
  const text = bytes[0] === ZLIB ? await inflateAsync(body) : Buffer.from(body);
  return JSON.parse(text.toString()) as unknown;
}

/** Packs a long list as several values, with a breath between them. */
export async function packSlices(values: readonly unknown[], sliceLength: number): Promise<readonly Buffer[]> {
  const slices: Buffer[] = [];
  for (let from = 0; from < values.length; from += sliceLength) {
    slices.push(await pack(values.slice(from, from + sliceLength)));
    await breathe();
  }
  return slices;
}

/** The list behind packSlices. */
export async function unpackSlices(slices: readonly Uint8Array[]): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for (const slice of slices) {
    for (const value of (await unpack(slice)) as readonly unknown[]) values.push(value);
    await breathe();
  }
  return values;
}

/** Lets the event loop serve others between two slices of work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
