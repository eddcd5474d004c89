/** How far a check of the stores has come. */
export interface VerifyProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** The memory of the check under way, for who watches it. */
export interface VerifyWatch {
  /** undefined: it is over */
  readonly note: (progress: VerifyProgress | undefined) => void;
  /** undefined: none is under way */
  readonly read: () => VerifyProgress | undefined;
}

/** Remembers the progress of the check that was begun last. */
export function createVerifyWatch(): VerifyWatch {
  let current: VerifyProgress | undefined;
  return {
    note: (progress) => {
      current = progress;
    },
    read: () => current,
  };
}
