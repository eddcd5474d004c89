import type { ScanRequest } from '../ports/scanner.ts';

export type ScanPriority = ScanRequest['priority'];

/** strongest first */
const PRIORITIES: readonly ScanPriority[] = ['requested', 'speculative', 'rescan'];

function rank(priority: ScanPriority): number {
  return PRIORITIES.indexOf(priority);
}

/** What waits for a child: by priority, and first come first served within one. */
export class ScanQueue<T> {
  readonly #waiting = new Map<ScanPriority, T[]>(PRIORITIES.map((priority) => [priority, []]));

  get size(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.#list(priority).length, 0);
  }

  #list(priority: ScanPriority): T[] {
    return this.#waiting.get(priority) ?? [];
  }

  add(entry: T, priority: ScanPriority): void {
    this.#list(priority).push(entry);
  }

  /** Takes the one whose turn it is. */
  take(): T | undefined {
    for (const priority of PRIORITIES) {
      const next = this.#list(priority).shift();
      if (next !== undefined) {
        return next;
      }
    }
    return undefined;
  }

  /** Takes the newest of the weakest kind that is weaker than `priority`: what is given up when the queue is full. */
  shed(priority: ScanPriority): T | undefined {
    for (const weaker of PRIORITIES.toReversed()) {
      if (rank(weaker) > rank(priority)) {
        const given = this.#list(weaker).pop();
        if (given !== undefined) {
          return given;
        }
      }
    }
    return undefined;
  }

  /** Removes an entry. false: it does not wait here. */
  remove(entry: T): boolean {
    for (const priority of PRIORITIES) {
      const list = this.#list(priority);
      const at = list.indexOf(entry);
      if (at >= 0) {
        list.splice(at, 1);
        return true;
      }
    }
    return false;
  }

  /** Moves matching entries that wait in a lower priority up to the end of this one. */
  promote(matches: (entry: T) => boolean, priority: ScanPriority): void {
    for (const lower of PRIORITIES.filter((other) => rank(other) > rank(priority))) {
      const moved = this.#list(lower).filter(matches);
      for (const entry of moved) {
        this.remove(entry);
        this.add(entry, priority);
      }
    }
  }
}
