import type { RefusalVerdict } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { Refused, Timing } from './answers.ts';
import type { GateDeps } from './deps.ts';

export const NOT_HELD: Timing = { holdMs: 0 };

/** A refusal as an answer: the file gets the address of its explanation page. */
export async function refuse(
  file: StoredFile,
  verdict: RefusalVerdict,
  timing: Timing,
  deps: Pick<GateDeps, 'store'>,
): Promise<Refused> {
  return { kind: 'refused', file, verdict, explanationId: await deps.store.explanations.getId(file.key), timing };
}
