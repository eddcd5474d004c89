import type { AnomalyLog } from './anomalies.ts';
import { BLOCK_BYTES, isZeroBlock } from './tar-header.ts';
import { UnreadableError } from './unreadable.ts';

/** What follows a header block: the next header, nothing any more, or content, which is followed by padding. */
export type Following = 'header' | 'end' | { readonly sizeBytes: number; write(part: Uint8Array): void; end(): void };

type State =
  | { readonly kind: 'header' }
  | { readonly kind: 'content'; readonly content: Exclude<Following, string>; remaining: number }
  | { readonly kind: 'padding'; remaining: number }
  | { readonly kind: 'ended' };

/** Cuts a stream of tar bytes into headers and contents. Knows sizes and padding, nothing of what a header says. */
export class TarBlocks {
  readonly #onHeader: (block: Uint8Array) => Following;
  readonly #log: AnomalyLog;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #blockFilled = 0;
  #state: State = { kind: 'header' };

  constructor(onHeader: (block: Uint8Array) => Following, log: AnomalyLog) {
    this.#onHeader = onHeader;
    this.#log = log;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      at += this.#take(chunk.subarray(at));
    }
  }

  /** Call after the last chunk. Throws UnreadableError when the stream stops inside a header or a content. */
  finish(): void {
    const isBetween = this.#state.kind === 'header' && this.#blockFilled === 0;
    if (this.#state.kind !== 'ended' && !isBetween) {
      throw new UnreadableError('format', 'the tar ends inside a member');
    }
    if (isBetween) {
      this.#log.add('tar-no-end', '');
    }
  }

  /** @returns how many of the bytes were used up, at least one */
  #take(bytes: Uint8Array): number {
    const state = this.#state;
    switch (state.kind) {
      case 'header':
        return this.#takeHeader(bytes);
      case 'content': {
        const part = bytes.subarray(0, state.remaining);
        state.content.write(part);
        state.remaining -= part.length;
        if (state.remaining === 0) {
          this.#endContent(state.content);
        }
        return part.length;
      }
      case 'padding': {
        const used = Math.min(bytes.length, state.remaining);
        state.remaining -= used;
        if (state.remaining === 0) {
          this.#state = { kind: 'header' };
        }
        return used;
      }
      case 'ended':
        if (!isZeroBlock(bytes)) {
          this.#log.add('tar-data-after-end', '');
        }
        return bytes.length;
    }
  }

  #takeHeader(bytes: Uint8Array): number {
    const part = bytes.subarray(0, BLOCK_BYTES - this.#blockFilled);
    this.#block.set(part, this.#blockFilled);
    this.#blockFilled += part.length;
    if (this.#blockFilled === BLOCK_BYTES) {
      this.#blockFilled = 0;
      this.#follow(this.#onHeader(this.#block));
    }
    return part.length;
  }

  #follow(next: Following): void {
    if (next === 'header') {
      return;
    }
    if (next === 'end') {
      this.#state = { kind: 'ended' };
    } else if (next.sizeBytes === 0) {
      this.#endContent(next);
    } else {
      this.#state = { kind: 'content', content: next, remaining: next.sizeBytes };
    }
  }

  #endContent(content: Exclude<Following, string>): void {
    const over = content.sizeBytes % BLOCK_BYTES;
    this.#state = over === 0 ? { kind: 'header' } : { kind: 'padding', remaining: BLOCK_BYTES - over };
    content.end();
  }
}
