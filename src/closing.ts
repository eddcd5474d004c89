/** What was opened and must be closed, the last first. */
export interface Closing {
  /** Notes how to close what was just opened. */
  readonly add: (close: () => unknown) => void;
  /** Closes everything; a failure does not keep the others open, the first one is thrown at the end. */
  readonly closeAll: () => Promise<void>;
}

/** An empty list of things to close. */
export function createClosing(): Closing {
  const closers: (() => unknown)[] = [];
  return {
    add: (close) => {
      closers.push(close);
    },
    closeAll: async () => {
      const failures: unknown[] = [];
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
