import { Readable } from 'node:stream';
import { CordonError } from '../errors.ts';
import { toBodyError } from './failures.ts';

/**
 * The body of an answer that ends with UPSTREAM_SLOW when no byte came for `progressMs` although bytes were wanted.
 * The HTTP client's own body time-out says nothing while its reader holds back; this one stands still meanwhile, so that a
 * slow reader is not taken for a stalled upstream, and runs again as soon as the reader wants more.
 */
export class WatchedBody extends Readable {
  readonly #source: Readable;
  readonly #progressMs: number;
  readonly #upstream: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Readable, progressMs: number, upstream: string) {
    super({ highWaterMark: 256 * 1024 });
    this.#source = source;
    this.#progressMs = progressMs;
    this.#upstream = upstream;
    source.pause();
    source.on('data', (chunk: Buffer) => {
      if (this.push(chunk)) this.#timer?.refresh();
      else this.#hold();
    });
    source.on('end', () => {
      this.#hold();
      this.push(null);
    });
    source.on('error', (error) => {
      this.destroy(toBodyError(error, upstream));
    });
  }

  #hold(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#source.pause();
  }

  override _read(): void {
    if (this.#timer !== undefined || this.#source.readableEnded) return;
    this.#timer = setTimeout(() => {
      this.destroy(
        new CordonError(
          'UPSTREAM_SLOW',
          `${this.#upstream} sent nothing for ${String(Math.round(this.#progressMs / 1000))} s in the middle of an answer.`,
        ),
      );
    }, this.#progressMs);
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#source.destroy();
    callback(error);
  }
}
