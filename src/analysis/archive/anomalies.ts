import { ANOMALIES, type AnomalyCode } from './anomaly-codes.ts';
import type { ContainerAnomaly } from './archive.ts';

const PER_CODE = 20;
const TOTAL = 400;

/** Collects what is wrong with a container; bounded, so that a hostile archive cannot fill the report with one code. */
export class AnomalyLog {
  readonly #list: ContainerAnomaly[] = [];
  readonly #counts = new Map<AnomalyCode, number>();

  /**
   * @param path the member's; empty for the archive itself
   * @param detail what the reader should know besides the code's own sentence
   */
  add(code: AnomalyCode, path: string, detail?: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    // an effect that decides the verdict is never lost to a list that is full of others
    const isFirst = count === 1;
    if (count <= PER_CODE && (isFirst || this.#list.length < TOTAL)) {
      const { text, effect } = ANOMALIES[code];
      this.#list.push({ code, path, message: detail === undefined ? text : `${text}: ${detail}`, effect });
    }
  }

  list(): readonly ContainerAnomaly[] {
    return this.#list;
  }
}
