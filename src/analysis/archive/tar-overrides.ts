import type { AnomalyLog } from './anomalies.ts';
import { decodeTarText, type TarHeader } from './tar-header.ts';
import { type PaxOverrides, parsePax } from './tar-pax.ts';

/** What the headers before a member (PAX, GNU long names) say about it, applied in tarfile's order. */
export class TarOverrides {
  readonly #log: AnomalyLog;
  #longName: string | undefined;
  #longLink: string | undefined;
  #pax: PaxOverrides | undefined;

  constructor(log: AnomalyLog) {
    this.#log = log;
  }

  get isPending(): boolean {
    return this.#longName !== undefined || this.#longLink !== undefined || this.#pax !== undefined;
  }

  /** Takes the content of one such header. @param type its type flag: `L`, `K`, `x`, `X` or `g` */
  add(type: string, content: Uint8Array): void {
    if (type === 'g') {
      parsePax(content, true, this.#log);
      return;
    }
    if (type === 'L' || type === 'K') {
      this.#addLong(type, longText(content, this.#log));
      return;
    }
    if (this.#pax !== undefined) {
      this.#log.add('tar-two-overrides', '');
    }
    this.#pax = { ...parsePax(content, false, this.#log), ...this.#pax };
  }

  /** Of several, tarfile lets the first win; others the last, or none. */
  #addLong(type: 'L' | 'K', text: string): void {
    if ((type === 'L' ? this.#longName : this.#longLink) !== undefined) {
      this.#log.add('tar-two-overrides', '');
    } else if (type === 'L') {
      this.#longName = text;
    } else {
      this.#longLink = text;
    }
  }

  /** The header with what was said about it; nothing is pending afterwards. */
  apply(header: TarHeader): TarHeader {
    const name = this.#pax?.path ?? this.#longName ?? header.name;
    const linkName = this.#pax?.linkPath ?? this.#longLink ?? header.linkName;
    const sizeBytes = this.#pax?.sizeBytes ?? header.sizeBytes;
    if (this.#longName !== undefined && this.#longName !== name) {
      this.#log.add('tar-two-overrides', name);
    }
    if (sizeBytes !== header.sizeBytes) {
      this.#log.add('pax-size', name);
    }
    if (header.type === '\0' && name.endsWith('/') !== header.name.endsWith('/')) {
      // the oldest format writes a folder as a file with a slash; whether that counts after a long name differs
      this.#log.add('tar-folder-content', name);
    }
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#pax = undefined;
    return { ...header, name, linkName, sizeBytes };
  }
}

/** The text of a GNU long name: ends at its first NUL, and nothing may follow. */
function longText(content: Uint8Array, log: AnomalyLog): string {
  const nul = content.indexOf(0);
  if (nul >= 0 && content.subarray(nul).some((byte) => byte !== 0)) {
    log.add('path-nul', '');
  }
  return decodeTarText(nul < 0 ? content : content.subarray(0, nul));
}
