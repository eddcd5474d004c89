import { buffer } from 'node:stream/consumers';
import type { Served } from '../gate/answers.ts';
import type { Cache } from '../gate/deps.ts';
import { createSingleFlight } from '../index/single-flight.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';

/** Most wheels are smaller; opening a file and pumping it costs more than its bytes. */
const SMALL_BYTES = 512 * 1024;
/** Read again after this time, so that the blob store sees that the file is in use and evicts others first. */
const KEPT_MS = 5 * 60_000;

/** Small files that were asked for lately, whole, by digest. The verdict is not part of it: it came before. */
export interface SmallFiles {
  /** undefined: too large to keep. Throws NOT_FOUND when the blob was evicted. */
  find(answer: Pick<Served, 'sha256' | 'sizeBytes' | 'open'>): Promise<Buffer | undefined>;
}

/** @param cache of whole files by sha256 */
export function createSmallFiles(
  cache: Cache<Buffer>,
  { clock, metrics }: { readonly clock: Clock; readonly metrics: Pick<Metrics, 'countCache'> },
): SmallFiles {
  const flights = createSingleFlight<Buffer>();
  return {
    async find({ sha256, sizeBytes, open }) {
      if (sizeBytes > SMALL_BYTES) return undefined;
      const known = cache.get(sha256);
      metrics.countCache('file', known === undefined ? 'miss' : 'hit');
      if (known !== undefined) return known;
      return flights(sha256, async () => {
        const bytes = await buffer(await open());
        cache.set(sha256, bytes, bytes.byteLength, clock.now() + KEPT_MS);
        return bytes;
      });
    },
  };
}
