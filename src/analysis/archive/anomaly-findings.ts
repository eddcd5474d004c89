import type { Finding } from '../report/finding.ts';
import type { Unscannable } from '../report/scan-report.ts';
import type { ContainerAnomaly } from './archive.ts';
import { extension, isPython } from './member-kind.ts';

/** ids under which container findings stand in reports; docs/archives.md describes them */
export const AMBIGUOUS_DETECTOR = 'ambiguous-archive';
export const ANOMALY_DETECTOR = 'archive-anomaly';
export const RECORD_DETECTOR = 'record-mismatch';

const AMBIGUOUS_SCORE = 10;
const UNSCANNABLE_SCORE = 5;
const SUSPICIOUS_SCORE = 3;
/** suspicious codes that weigh more or less than the rest, and why */
const SCORES: ReadonlyMap<string, number> = new Map([
  // old pip unpacks it nevertheless; no build tool writes it
  ['container-differs', 4],
  // all content was read, whichever wins
  ['duplicate-case', 2],
  ['path-invisible', 4],
]);
/** a member of this kind that was changed after the wheel was built is quarantined by that alone */
const CHANGED_CODE_SCORE = 6;
const CHANGED_OTHER_SCORE = 2;
const NATIVE = new Set(['so', 'pyd', 'dll', 'dylib', 'exe']);

/** The findings of a container's anomalies, in their order. A note weighs nothing. */
export function anomalyFindings(anomalies: readonly ContainerAnomaly[]): readonly Finding[] {
  return anomalies.map((anomaly) => ({
    ...claim(anomaly),
    context: 'none',
    path: anomaly.path,
    line: 0,
    message: `${anomaly.message} (${anomaly.code})`,
    snippet: '',
    chain: [],
  }));
}

function claim(anomaly: ContainerAnomaly): Pick<Finding, 'detector' | 'severity' | 'class' | 'score'> {
  const detector = anomaly.code.startsWith('record-') ? RECORD_DETECTOR : ANOMALY_DETECTOR;
  switch (anomaly.effect) {
    case 'ambiguous':
      return { detector: AMBIGUOUS_DETECTOR, severity: 'high', class: 'anomaly', score: AMBIGUOUS_SCORE };
    case 'unscannable':
      return { detector, severity: 'medium', class: 'anomaly', score: UNSCANNABLE_SCORE };
    case 'suspicious': {
      const score = anomaly.code === 'record-differs' ? changedScore(anomaly.path) : SCORES.get(anomaly.code);
      return { detector, severity: 'medium', class: 'anomaly', score: score ?? SUSPICIOUS_SCORE };
    }
    case 'note':
      return { detector, severity: 'info', class: 'note', score: 0 };
  }
}

function changedScore(path: string): number {
  return isPython(path) || NATIVE.has(extension(path)) ? CHANGED_CODE_SCORE : CHANGED_OTHER_SCORE;
}

/** The first part that could not be read, as the reason why the whole file counts as unscannable; undefined: all was read. */
export function findUnscannable(anomalies: readonly ContainerAnomaly[]): Unscannable | undefined {
  const found = anomalies.find(({ effect }) => effect === 'unscannable');
  if (found === undefined) {
    return undefined;
  }
  const cause = UNSCANNABLE_CAUSES.get(found.code) ?? 'format';
  return { cause, message: found.path === '' ? found.message : `${found.path}: ${found.message}` };
}

const UNSCANNABLE_CAUSES: ReadonlyMap<string, Unscannable['cause']> = new Map([
  ['zip-encrypted', 'encrypted'],
  ['zip-method', 'unsupported'],
  ['member-too-large', 'budget'],
  ['link-too-many', 'budget'],
]);
