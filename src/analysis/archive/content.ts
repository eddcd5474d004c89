import { createHash, type Hash, hash } from 'node:crypto';

const HEAD_BYTES = 4_096;

/** What reading a member's content once leaves behind. */
export interface Digested {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly head: Uint8Array;
  /** the content itself, where it was to be kept */
  readonly bytes?: Uint8Array;
}

/** Digests content that is in memory. @param keep keep these very bytes (the caller gives them away) */
export function digestBytes(bytes: Uint8Array, keep: boolean): Digested {
  const sha256 = hash('sha256', bytes, 'hex');
  const head = keep ? bytes.subarray(0, HEAD_BYTES) : bytes.slice(0, HEAD_BYTES);
  return { sizeBytes: bytes.length, sha256, head, ...(keep ? { bytes } : {}) };
}

/** Digests content that comes in chunks; holds it only when told to. */
export class ContentSink {
  readonly #hash: Hash = createHash('sha256');
  readonly #head: Uint8Array;
  readonly #bytes: Uint8Array | undefined;
  #size = 0;

  /** @param expectedBytes size that was announced; more than that is never held */
  constructor(expectedBytes: number, keep: boolean) {
    this.#bytes = keep ? new Uint8Array(expectedBytes) : undefined;
    this.#head = this.#bytes?.subarray(0, HEAD_BYTES) ?? new Uint8Array(Math.min(expectedBytes, HEAD_BYTES));
  }

  write(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    const target = this.#bytes ?? this.#head;
    if (this.#size < target.length) {
      target.set(chunk.subarray(0, target.length - this.#size), this.#size);
    }
    this.#size += chunk.length;
  }

  get sizeBytes(): number {
    return this.#size;
  }

  end(): Digested {
    const sha256 = this.#hash.digest('hex');
    const head = this.#head.subarray(0, this.#size);
    const bytes = this.#bytes?.subarray(0, this.#size);
    return { sizeBytes: this.#size, sha256, head, ...(bytes === undefined ? {} : { bytes }) };
  }
}

/** What may still be held in memory. Code may use all of it, anything else only the first half. */
export class KeepBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Takes the bytes from the budget if they fit. */
  take(sizeBytes: number, code: boolean): boolean {
    if (this.#used + sizeBytes > (code ? this.#limit : this.#limit / 2)) {
      return false;
    }
    this.#used += sizeBytes;
    return true;
  }
}
