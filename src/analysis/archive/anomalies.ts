import type { AnomalyEffect, ContainerAnomaly } from './archive.ts';

const PER_CODE = 20;
const TOTAL = 400;

/** Collects what is wrong with a container; bounded, so that a hostile archive cannot fill the report with one code. */
export class AnomalyLog {
  readonly #list: ContainerAnomaly[] = [];
  readonly #counts = new Map<string, number>();

  add(effect: AnomalyEffect, code: string, path: string, message: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= PER_CODE && this.#list.length < TOTAL) {
      this.#list.push({ code, path, message, effect });
    }
  }

  /** How often a code came, also beyond what the list holds. */
  countOf(code: string): number {
    return this.#counts.get(code) ?? 0;
  }

  list(): readonly ContainerAnomaly[] {
    return this.#list;
  }
}
