import type { AccessRecord, DecisionStore } from '../../ports/decision-store.ts';
import { brokenOff } from '../broken-off.ts';
import { type MemoryState, reportId } from './memory-state.ts';

/** Who got which file when. */
export function memoryAccess({ lastServed }: MemoryState): DecisionStore['access'] {
  let log: AccessRecord[] = [];
  const newest = (limit: number, matches: (record: AccessRecord) => boolean): Promise<readonly AccessRecord[]> =>
    Promise.resolve(log.filter(matches).reverse().slice(0, limit));

  return {
    record: (records) => {
      log.push(...records);
      for (const { outcome, sha256, filename, at } of records) {
        if (outcome === 'served' && sha256 !== undefined) lastServed.set(reportId(sha256, filename), at);
      }
      return Promise.resolve();
    },
    breakOff: (record, sentBytes) => {
      log = log.map((known) => (known === record ? brokenOff(record, sentBytes) : known));
      return Promise.resolve();
    },
    findByProject: (project, limit) => newest(limit, (record) => record.project === project),
    findByFile: (filename, limit) => newest(limit, (record) => record.filename === filename),
    findBySha256: (sha256, limit) => newest(limit, (record) => record.sha256 === sha256),
    prune: (before) => {
      const kept = log.filter((record) => record.at >= before);
      const count = log.length - kept.length;
      log = kept;
      return Promise.resolve(count);
    },
  };
}
