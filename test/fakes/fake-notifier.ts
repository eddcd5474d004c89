import type { Notice, Notifier } from '../../src/ports/notifier.ts';

/** A notifier that keeps what it was told. */
export interface FakeNotifier extends Notifier {
  readonly notices: readonly Notice[];
}

export function fakeNotifier(): FakeNotifier {
  const notices: Notice[] = [];
  return {
    notices,
    notify: (notice) => Promise.resolve(void notices.push(notice)),
  };
}
