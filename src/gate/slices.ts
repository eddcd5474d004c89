// Owns work that is cut into slices, so that a page of ten thousand files never makes others wait. Pure but for finishInSlices.

/** Work that stops now and then; whoever drives it decides when it goes on. */
export type Sliced<T> = Generator<undefined, T, undefined>;

const STEP = 100;

/** Maps a long list, stopping every hundred values. */
export function* mapSliced<T, R>(values: readonly T[], map: (value: T, index: number) => R): Sliced<R[]> {
  const results: R[] = [];
  for (const [index, value] of values.entries()) {
    if (index % STEP === STEP - 1) yield undefined;
    results.push(map(value, index));
  }
  return results;
}

const SLICE_MS = 6;

/** Does the work in slices of a few milliseconds, with everything else that is due in between. */
export async function finishInSlices<T>(work: Sliced<T>): Promise<T> {
  let startedAt = performance.now();
  let step = work.next();
  while (step.done !== true) {
    if (performance.now() - startedAt > SLICE_MS) {
      await new Promise(setImmediate);
      startedAt = performance.now();
    }
    step = work.next();
  }
  return step.value;
}
