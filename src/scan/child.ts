// The scan child: the one process that reads hostile bytes. Forked with an empty environment; reaches nothing but the
// analysis. Scans one file after another until its parent lets go of it or kills it.

import { setFlagsFromString } from 'node:v8';
import { scanFile } from './child-scan.ts';
import { openFileSource } from './child-source.ts';
import type { ScanAnswer, ScanJob } from './messages.ts';

/**
 * Work after which V8 compiles a function anew. Its own default suits programs that run for long: here compiling and
 * compiling again took a quarter of the time of the first hundred files. A V8 that has no such flag says so to nobody.
 */
setFlagsFromString('--interrupt-budget=1000000');
/** Bytecode that V8 puts into one compiled function from those that it calls: a third of its own figure, less is compiled anew. */
setFlagsFromString('--max-inlined-bytecode-size-cumulative=300');
/**
 * Growth of the old heap, in percent, between two collections of it: what a scan keeps is dropped when the scan ends, so that
 * collecting while it lasts finds little. V8 itself would collect when some 20 MB have become 40.
 */
setFlagsFromString('--heap-growing-percent=300');
/** A child that has been idle keeps its code: the next file is read at full speed. */
setFlagsFromString('--no-flush-bytecode');

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
