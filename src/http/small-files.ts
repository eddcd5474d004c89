import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Served } from '../gate/answers.ts';
import type { Cache } from '../gate/deps.ts';
import { createSingleFlight } from '../index/single-flight.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

/** Most wheels are smaller; opening a file and pumping it costs more than its bytes. */
const SMALL_BYTES = 512 * 1024;
/** Read again after this time, so that the blob store sees that the file is in use and evicts others first. */
const KEPT_MS = 5 * 60_000;

/** Small files that were asked for lately, whole, by digest. The verdict is not part of it: it came before. */
export interface SmallFiles {
  /** undefined: too large to keep. Throws NOT_FOUND when the blob was evicted, or was damaged where it lay and is removed. */
  find(answer: Pick<Served, 'sha256' | 'sizeBytes' | 'open'>): Promise<Buffer | undefined>;
}

export interface SmallFilesDeps {
  readonly blobs: Pick<BlobStore, 'remove'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'countCache'>;
}

/** @param cache of whole files by sha256 */
export function createSmallFiles(cache: Cache<Buffer>, { blobs, clock, log, metrics }: SmallFilesDeps): SmallFiles {
  /** What lies on the disk may have changed since it was scanned; of a file that is read whole it costs little to know. */
  async function readChecked({ sha256, open }: Pick<Served, 'sha256' | 'open'>): Promise<Buffer> {
    const bytes = await buffer(await open());
    if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
    log.error({ sha256 }, 'a stored file is not what it was, and is fetched again; cordon verify looks at all of them');
    await blobs.remove(sha256);
    // it is gone now: whoever remembers its size hears so, and the request asks the gate again
    return buffer(await open());
  }

  const flights = createSingleFlight<Buffer>();
  return {
    async find({ sha256, sizeBytes, open }) {
      if (sizeBytes > SMALL_BYTES) return undefined;
      const known = cache.get(sha256);
      metrics.countCache('file', known === undefined ? 'miss' : 'hit');
      if (known !== undefined) return known;
      return flights(sha256, async () => {
        const bytes = await readChecked({ sha256, open });
        cache.set(sha256, bytes, bytes.byteLength, clock.now() + KEPT_MS);
        return bytes;
      });
    },
  };
}
