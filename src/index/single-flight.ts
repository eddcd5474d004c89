/**
 * Runs one operation per key at a time: whoever asks meanwhile gets the same promise. Nobody's leaving ends it, for nobody
 * is asked whether they stay.
 */
export function createSingleFlight<T>(): (key: string, operation: () => Promise<T>) => Promise<T> {
  const flying = new Map<string, Promise<T>>();
  return (key, operation) => {
    const running = flying.get(key);
    if (running !== undefined) return running;
    const started = operation().finally(() => {
      flying.delete(key);
    });
    flying.set(key, started);
    return started;
  };
}
