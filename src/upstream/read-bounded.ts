import { PassThrough, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { CordonError } from '../errors.ts';
import { toBodyError } from './failures.ts';

/**
 * A stream that undoes a content coding of a page.
 *
 * @param coding value of Content-Encoding, or undefined
 * @throws UPSTREAM_DOWN for a coding that was not asked for
 */
export function createDecoder(coding: string | undefined, upstream: string): Transform {
  switch (coding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return new PassThrough();
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new CordonError('UPSTREAM_DOWN', `${upstream} sent a content coding that was not asked for.`);
  }
}

/**
 * Reads a whole body, decoded, into memory.
 *
 * @param maxBytes of the decoded body; a bomb ends here
 * @throws UPSTREAM_DOWN when it is larger, broken or cut; UPSTREAM_SLOW when it stalls
 */
export async function readBounded(
  body: Readable,
  coding: string | undefined,
  maxBytes: number,
  upstream: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  let decoder: Transform;
  try {
    decoder = createDecoder(coding, upstream);
  } catch (error) {
    body.on('error', () => undefined).destroy();
    throw error;
  }
  try {
    await pipeline(body, decoder, async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) {
        total += chunk.length;
        if (total > maxBytes) {
          throw new CordonError(
            'UPSTREAM_DOWN',
            `${upstream} sent a page of more than ${String(Math.round(maxBytes / 1024 / 1024))} MiB. Raise fetch.maxPageMiB if it is right.`,
          );
        }
        chunks.push(chunk);
      }
    });
  } catch (error) {
    throw toBodyError(error, upstream);
  }
  return Buffer.concat(chunks, total);
}
