import type { Finding } from '../report/finding.ts';
import type { Unscannable } from '../report/scan-report.ts';
import { ANOMALIES, type AnomalyCode, type AnomalyKind } from './anomaly-codes.ts';
import type { ContainerAnomaly } from './archive.ts';

/** ids under which container findings stand in reports; docs/archives.md describes them */
export const AMBIGUOUS_DETECTOR = 'ambiguous-archive';
export const ANOMALY_DETECTOR = 'archive-anomaly';
export const RECORD_DETECTOR = 'record-mismatch';

const AMBIGUOUS_SCORE = 10;
const UNSCANNABLE_SCORE = 5;
/** of a suspicious anomaly whose code gives no other */
const SUSPICIOUS_SCORE = 3;

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
      const kind: AnomalyKind = ANOMALIES[anomaly.code];
      return { detector, severity: 'medium', class: 'anomaly', score: kind.score ?? SUSPICIOUS_SCORE };
    }
    case 'note':
      return { detector, severity: 'info', class: 'note', score: 0 };
  }
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

const UNSCANNABLE_CAUSES: ReadonlyMap<AnomalyCode, Unscannable['cause']> = new Map([
  ['zip-encrypted', 'encrypted'],
  ['zip-method', 'unsupported'],
  ['member-too-large', 'budget'],
  ['link-too-many', 'budget'],
]);
