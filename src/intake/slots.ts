import { CordonError } from '../errors.ts';

export type Priority = 'requested' | 'speculative';

/** A place in the line; its priority may rise while it waits or runs. */
export interface Ticket {
  priority: Priority;
  /** what it weighs on the line's budget, bytes */
  readonly weight: number;
}

export interface SlotLimits {
  /** tickets that run at the same time */
  readonly total: number;
  /** of them, at most so many speculative ones */
  readonly speculative: number;
  /** sum of the weights of running tickets; a single heavier one still runs, alone */
  readonly weight: number;
  /** tickets that may wait; beyond that a requested one is turned away */
  readonly queue: number;
}

export interface Slots {
  /**
   * Waits for a place: requested before speculative, first come first served among equals.
   *
   * @returns to be called once, when the place is free again
   * @throws OVERLOADED when too many wait, and for a speculative ticket as soon as a requested one has to wait (shed first)
   */
  acquire(ticket: Ticket): Promise<() => void>;
  /** Raises a ticket to `requested`, wherever it is. */
  promote(ticket: Ticket): void;
  stats(): { readonly running: number; readonly waiting: number; readonly weight: number };
}

interface Waiting {
  readonly ticket: Ticket;
  readonly resolve: (release: () => void) => void;
  readonly reject: (error: CordonError) => void;
}

function shed(): CordonError {
  return new CordonError(
    'OVERLOADED',
    'Work that nobody has asked for yet was dropped for work that somebody waits for.',
  );
}

/** A bounded line for jobs of two priorities. */
export function createSlots(limits: SlotLimits): Slots {
  const running = new Set<Ticket>();
  let waiting: Waiting[] = [];

  const weigh = (): number => [...running].reduce((sum, ticket) => sum + ticket.weight, 0);
  const countSpeculative = (): number => [...running].filter((ticket) => ticket.priority === 'speculative').length;

  function fits(ticket: Ticket): boolean {
    if (running.size >= limits.total) return false;
    if (ticket.priority === 'speculative' && countSpeculative() >= limits.speculative) return false;
    return running.size === 0 || weigh() + ticket.weight <= limits.weight;
  }

  function start({ ticket, resolve }: Waiting): void {
    running.add(ticket);
    let isReleased = false;
    resolve(() => {
      if (isReleased) return;
      isReleased = true;
      running.delete(ticket);
      fill();
    });
  }

  /** Starts what fits. The first requested one is never overtaken: a heavy file would starve behind light ones. */
  function fill(): void {
    for (;;) {
      const next =
        waiting.find(({ ticket }) => ticket.priority === 'requested') ?? waiting.find(({ ticket }) => fits(ticket));
      if (next === undefined || !fits(next.ticket)) return;
      waiting = waiting.filter((each) => each !== next);
      start(next);
    }
  }

  function dropSpeculative(): void {
    const dropped = waiting.filter(({ ticket }) => ticket.priority === 'speculative');
    waiting = waiting.filter(({ ticket }) => ticket.priority === 'requested');
    for (const { reject } of dropped) reject(shed());
  }

  return {
    acquire(ticket) {
      return new Promise((resolve, reject) => {
        waiting.push({ ticket, resolve, reject });
        fill();
        const isWaiting = waiting.some((each) => each.ticket === ticket);
        if (!isWaiting) return;
        if (ticket.priority === 'requested') dropSpeculative();
        if (waiting.length > limits.queue) {
          waiting = waiting.filter((each) => each.ticket !== ticket);
          reject(new CordonError('OVERLOADED', 'Too many files wait to be fetched. Try again in a moment.'));
        }
      });
    },
    promote(ticket) {
      if (ticket.priority === 'requested') return;
      ticket.priority = 'requested';
      fill();
      if (waiting.some((each) => each.ticket === ticket)) dropSpeculative();
    },
    stats: () => ({ running: running.size, waiting: waiting.length, weight: weigh() }),
  };
}
