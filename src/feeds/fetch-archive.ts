import type { Readable } from 'node:stream';
import { CordonError, isCordonError } from '../errors.ts';

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

/** One GET by the way that leads outside: proxy, authorities and deadlines are its own. */
export type GetOutside = (
  url: string,
  options: {
    readonly accept: string;
    readonly acceptEncoding: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  /** names in lower case */
  readonly headers: Readonly<Record<string, string>>;
  /** must be read or destroyed */
  readonly body: Readable;
}>;

/**
 * Gets an archive, unless the one we hold is still the newest.
 *
 * @throws CordonError UPSTREAM_DOWN when it cannot be had whole; UPSTREAM_SLOW when it takes too long
 */
export async function fetchArchive(
  url: string,
  { etag, maxBytes, timeoutMs }: FetchArchiveOptions,
  get: GetOutside,
): Promise<ArchiveAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await get(url, {
      accept: '*/*',
      acceptEncoding: 'identity',
      headers: etag === undefined ? {} : { 'if-none-match': etag },
      signal,
    });
    if (answer.status !== 200) {
      answer.body.on('error', () => undefined).destroy();
      if (answer.status === 304 && etag !== undefined) return { kind: 'not-modified' };
      throw new CordonError('UPSTREAM_DOWN', `${url} answers ${answer.status}.`);
    }
    const bytes = await readBounded(answer.body, maxBytes, url);
    const newEtag = answer.headers['etag'];
    return { kind: 'archive', bytes, ...(newEtag === undefined ? {} : { etag: newEtag }) };
  } catch (error) {
    if (signal.aborted) {
      throw new CordonError('UPSTREAM_SLOW', `${url} took longer than ${timeoutMs} ms.`, { cause: error });
    }
    if (isCordonError(error, 'FORBIDDEN')) {
      throw new CordonError('UPSTREAM_DOWN', `${url} leads to another place: set feeds.osv.url to where it leads.`, {
        cause: error,
      });
    }
    if (error instanceof CordonError) throw error;
    throw new CordonError('UPSTREAM_DOWN', `${url} cannot be reached.`, { cause: error });
  }
}

async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new CordonError('UPSTREAM_DOWN', `${url} is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
