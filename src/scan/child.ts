// The scan child: the one process that reads hostile bytes. Forked with an empty environment; reaches nothing but the
// analysis. Scans one file after another until its parent lets go of it or kills it.

import { scanFile } from './child-scan.ts';
import { openFileSource } from './child-source.ts';
import type { ScanAnswer, ScanJob } from './messages.ts';

async function answer(job: ScanJob): Promise<ScanAnswer> {
  try {
    const source = openFileSource(job.path);
    try {
      return { kind: 'report', id: job.id, ...(await scanFile(source, job)) };
    } finally {
      source.close();
    }
  } catch (error) {
    // the edge of this process: the parent decides what a failure means
    const systemCode = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'failed', id: job.id, message, ...(systemCode === undefined ? {} : { systemCode }) };
  }
}

process.on('message', (job: ScanJob) => {
  void answer(job).then((result) => process.send?.(result));
});
process.on('disconnect', () => {
  process.exit(0);
});
