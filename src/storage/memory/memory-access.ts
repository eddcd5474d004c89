import type { AccessRecord, DecisionStore } from '../../ports/decision-store.ts';

export interface MemoryAccess {
  readonly access: DecisionStore['access'];
  /** UTC ms; 0: never */
  readonly lastServedAt: (sha256: string, filename: string) => number;
}

/** Who got which file when. */
export function memoryAccess(): MemoryAccess {
  let log: AccessRecord[] = [];
  const served = new Map<string, number>();
  const newest = (limit: number, matches: (record: AccessRecord) => boolean): Promise<readonly AccessRecord[]> =>
    Promise.resolve(log.filter(matches).reverse().slice(0, limit));

  return {
    access: {
      record: (records) => {
        log.push(...records);
        for (const { outcome, sha256, filename, at } of records) {
          if (outcome === 'served' && sha256 !== undefined) served.set(`${sha256}\n${filename}`, at);
        }
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
    },
    lastServedAt: (sha256, filename) => served.get(`${sha256}\n${filename}`) ?? 0,
  };
}
