// Owns the facts behind an explanation page. Imports judge and stores by their ports. Start at explainRefusal.
import type { Explanation, ExplanationAnswer } from './answers.ts';
import type { GateDeps } from './deps.ts';

/** As storage makes them: short, unguessable, safe in a URL. */
const VALID_ID = /^[A-Za-z0-9_-]{6,64}$/;

/**
 * GET of /b/{id}: why a file is refused, held or served, as of now.
 * Whoever has the address may see it, but for a private upstream's file; who else asked is never part of it.
 */
export async function explainRefusal(
  id: string,
  deps: Pick<GateDeps, 'store' | 'judge' | 'settings'>,
): Promise<ExplanationAnswer> {
  const fileKey = VALID_ID.test(id) ? await deps.store.explanations.findFileKey(id) : undefined;
  const file = fileKey === undefined ? undefined : await deps.store.files.findByKey(fileKey);
  if (file === undefined) return { kind: 'absent', detail: 'there is no such explanation' };
  if (deps.settings.privateUpstreams.includes(file.upstream)) return { kind: 'private', id };
  const { verdict, validUntil } = await deps.judge.judgeFile(file);
  const report =
    file.sha256 === undefined ? undefined : await deps.store.reports.findReport(file.sha256, file.file.filename);
  const explanation: Explanation = {
    kind: 'explanation',
    id,
    file,
    verdict,
    thresholds: deps.settings.thresholds,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(report === undefined ? {} : { report }),
  };
  return explanation;
}
