import { CordonError } from '../errors.ts';

export type ArchiveAnswer =
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'archive'; readonly bytes: Buffer; readonly etag?: string };

export interface FetchArchiveOptions {
  /** of the archive we hold; undefined: none */
  readonly etag: string | undefined;
  readonly maxBytes: number;
  /** for the whole answer */
  readonly timeoutMs: number;
}

/**
 * Gets an archive, unless the one we hold is still the newest.
 *
 * @throws CordonError UPSTREAM_DOWN when it cannot be had whole; UPSTREAM_SLOW when it takes too long
 */
export async function fetchArchive(url: string, options: FetchArchiveOptions): Promise<ArchiveAnswer> {
  const { etag, maxBytes, timeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { headers: etag === undefined ? {} : { 'if-none-match': etag }, signal });
    if (response.status === 304 && etag !== undefined) return { kind: 'not-modified' };
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new CordonError('UPSTREAM_DOWN', `${url} answers ${response.status}.`);
    }
    const bytes = await readBounded(response, maxBytes, url);
    const newEtag = response.headers.get('etag');
    return { kind: 'archive', bytes, ...(newEtag === null ? {} : { etag: newEtag }) };
  } catch (error) {
    if (error instanceof CordonError) throw error;
    if (signal.aborted) {
      throw new CordonError('UPSTREAM_SLOW', `${url} took longer than ${timeoutMs} ms.`, { cause: error });
    }
    throw new CordonError('UPSTREAM_DOWN', `${url} cannot be reached.`, { cause: error });
  }
}

async function readBounded(response: Response, maxBytes: number, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body = (response.body ?? []) as AsyncIterable<Uint8Array>;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new CordonError('UPSTREAM_DOWN', `${url} is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
