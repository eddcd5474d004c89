// Owns the scanning of files in child processes: queue, priorities, deadlines, memory, retries. Implements ports/scanner.ts.
// May import ports, errors and the report's types; the engine itself is loaded by child.ts alone. Start at createScanPool.
import { fileURLToPath } from 'node:url';
import type { ScanReport } from '../analysis/report/scan-report.ts';
import { CordonError } from '../errors.ts';
import type { Log } from '../ports/log.ts';
import type { Scanner, ScanOutcome, ScanRequest } from '../ports/scanner.ts';
import type { ScanAnswer, ScanJob } from './messages.ts';
import { ScanLossError, ScanProcess } from './scan-process.ts';
import { ScanQueue } from './scan-queue.ts';
import { unscannableReport } from './unscannable-report.ts';

export interface ScanPoolOptions {
  /** digest of the rules in force; reports are stamped with it */
  readonly ruleset: string;
  /** child processes, at least 1 */
  readonly children: number;
  /** of one try */
  readonly deadlineMs: number;
  /** resident memory of one child */
  readonly memoryBytes: number;
  /** further tries after a lost child */
  readonly retries: number;
  /** pause before the first further try; doubled for each next one */
  readonly backoffMs: number;
  /** files that may wait */
  readonly maxQueue: number;
  /** the compiled child.js; default: the one beside this module */
  readonly childPath?: string;
}

export interface ScanPoolDeps {
  readonly log: Log;
}

/** a child is replaced after this many files: what a hostile one may have left in it does not stay */
const SCANS_PER_CHILD = 500;
/** and when it keeps more than this share of its memory */
const RESTING_SHARE = 0.5;

interface Waiting {
  readonly request: ScanRequest;
  readonly resolve: (outcome: ScanOutcome) => void;
  readonly reject: (error: CordonError) => void;
  /** tries that ended with a lost child */
  losses: number;
  /** what the analysis threw at the first try that it threw */
  failure?: string;
  hasStarted: boolean;
  isSettled: boolean;
  child?: ScanProcess;
}

/** Starts the pool; the first child is forked at once, the others when they are needed. */
export function createScanPool(options: ScanPoolOptions, deps: ScanPoolDeps): Scanner {
  return new ScanPool(options, deps);
}

class ScanPool implements Scanner {
  readonly ruleset: string;
  readonly #options: ScanPoolOptions;
  readonly #log: Log;
  readonly #childPath: string;
  readonly #queue = new ScanQueue<Waiting>();
  readonly #idle: ScanProcess[] = [];
  readonly #running = new Set<Waiting>();
  readonly #pauses = new Map<NodeJS.Timeout, Waiting>();
  #nextId = 1;
  #isClosed = false;

  constructor(options: ScanPoolOptions, deps: ScanPoolDeps) {
    this.ruleset = options.ruleset;
    this.#options = options;
    this.#log = deps.log;
    this.#childPath = options.childPath ?? fileURLToPath(new URL('./child.js', import.meta.url));
    this.#idle.push(this.#fork());
  }

  scan(request: ScanRequest, signal?: AbortSignal): Promise<ScanOutcome> {
    return new Promise<ScanOutcome>((resolve, reject) => {
      const waiting: Waiting = { request, resolve, reject, losses: 0, hasStarted: false, isSettled: false };
      if (this.#isClosed || signal?.aborted === true) {
        reject(overloaded(this.#isClosed ? 'the scanner is closed' : 'the scan was given up', undefined));
        return;
      }
      signal?.addEventListener('abort', () => this.#abort(waiting), { once: true });
      this.#enqueue(waiting);
    });
  }

  promote(file: Pick<ScanRequest, 'sha256' | 'filename'>, priority: ScanRequest['priority']): void {
    const { sha256, filename } = file;
    this.#queue.promote(({ request }) => request.sha256 === sha256 && request.filename === filename, priority);
  }

  stats(): { readonly queued: number; readonly running: number } {
    return { queued: this.#queue.size + this.#pauses.size, running: this.#running.size };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) {
      this.#settle(next, () => overloaded('the scanner is closing', undefined));
    }
    for (const [pause, waiting] of this.#pauses) {
      clearTimeout(pause);
      this.#settle(waiting, () => overloaded('the scanner is closing', undefined));
    }
    this.#pauses.clear();
    for (const waiting of this.#running) {
      waiting.child?.stop();
    }
    for (const child of this.#idle.splice(0)) {
      child.kill();
    }
    return Promise.resolve();
  }

  #fork(): ScanProcess {
    const child = new ScanProcess(this.#childPath, this.#options);
    child.setBusy(false);
    return child;
  }

  #enqueue(waiting: Waiting): void {
    const { priority } = waiting.request;
    if (this.#queue.size >= this.#options.maxQueue) {
      const given = this.#queue.shed(priority);
      this.#settle(given ?? waiting, () => overloaded('too many files wait to be scanned', undefined));
      if (given === undefined) {
        return;
      }
    }
    this.#queue.add(waiting, priority);
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#running.size < this.#options.children) {
      const next = this.#queue.take();
      if (next === undefined) {
        return;
      }
      if (!next.isSettled) {
        void this.#run(next);
      }
    }
  }

  #takeChild(): ScanProcess {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (!child.isGone) {
        return child;
      }
    }
    return this.#fork();
  }

  /** One try. Every way out of it settles the caller, or puts the file back into the queue. */
  async #run(waiting: Waiting): Promise<void> {
    const { request } = waiting;
    const child = this.#takeChild();
    waiting.child = child;
    this.#running.add(waiting);
    child.setBusy(true);
    if (!waiting.hasStarted) {
      waiting.hasStarted = true;
      request.onStart?.();
    }
    const { path, filename, sha256 } = request;
    const job: ScanJob = { id: this.#nextId, path, filename, sha256, ruleset: this.ruleset };
    this.#nextId += 1;
    try {
      this.#accept(waiting, await child.scan(job));
    } catch (error) {
      this.#lose(waiting, error);
    } finally {
      this.#running.delete(waiting);
      this.#giveBack(child);
      this.#dispatch();
    }
  }

  #giveBack(child: ScanProcess): void {
    const keeps = child.residentBytes ?? 0;
    const isSpent = child.scans >= SCANS_PER_CHILD || keeps > this.#options.memoryBytes * RESTING_SHARE;
    if (child.isGone || isSpent || this.#isClosed) {
      child.kill();
      return;
    }
    child.setBusy(false);
    this.#idle.push(child);
  }

  #accept(waiting: Waiting, answer: ScanAnswer): void {
    if (answer.kind === 'report') {
      const { report, coreMetadata } = answer;
      this.#settle(waiting, () => ({ report, ...(coreMetadata === undefined ? {} : { coreMetadata }) }));
      return;
    }
    const { filename, sha256 } = waiting.request;
    this.#log.warn(
      { filename, sha256, cause: answer.message, systemCode: answer.systemCode },
      'the analysis of a file failed',
    );
    if (answer.systemCode !== undefined) {
      const { systemCode } = answer;
      this.#settle(
        waiting,
        () => new CordonError('STORE_DOWN', `the file could not be read for its scan: ${systemCode}`),
      );
    } else if (waiting.failure === answer.message) {
      // the same failure in a second process: it is the file, not the moment
      this.#settle(waiting, () => ({ report: this.#failedReport(waiting.request) }));
    } else {
      waiting.failure = answer.message;
      waiting.child?.kill();
      this.#again(waiting, new Error(answer.message));
    }
  }

  #failedReport(request: ScanRequest): ScanReport {
    const message = 'the analysis could not cope with this file';
    return unscannableReport(request, this.ruleset, { cause: 'unsupported', message });
  }

  #lose(waiting: Waiting, error: unknown): void {
    const { filename, sha256 } = waiting.request;
    const loss = error instanceof ScanLossError ? error.loss : 'died';
    if (waiting.isSettled) {
      return;
    }
    if (loss === 'stopped') {
      this.#settle(waiting, () => overloaded('the scan was stopped', error));
      return;
    }
    this.#log.warn({ filename, sha256, loss, err: error }, 'a scan process was lost');
    this.#again(waiting, error);
  }

  /** Queues the file once more after a pause, until its tries are used up. */
  #again(waiting: Waiting, cause: unknown): void {
    waiting.losses += 1;
    if (waiting.losses > this.#options.retries || this.#isClosed) {
      this.#settle(waiting, () => overloaded('the scan did not come to an end', cause));
      return;
    }
    const pause = setTimeout(
      () => {
        this.#pauses.delete(pause);
        this.#queue.add(waiting, waiting.request.priority);
        this.#dispatch();
      },
      this.#options.backoffMs * 2 ** (waiting.losses - 1),
    );
    this.#pauses.set(pause, waiting);
  }

  #abort(waiting: Waiting): void {
    if (this.#queue.remove(waiting)) {
      this.#settle(waiting, () => overloaded('the scan was given up', undefined));
    } else if (this.#running.has(waiting)) {
      waiting.child?.stop();
    } else {
      this.#settle(waiting, () => overloaded('the scan was given up', undefined));
    }
  }

  #settle(waiting: Waiting, outcome: () => ScanOutcome | CordonError): void {
    if (waiting.isSettled) {
      return;
    }
    waiting.isSettled = true;
    const result = outcome();
    if (result instanceof CordonError) {
      waiting.reject(result);
    } else {
      waiting.resolve(result);
    }
  }
}

function overloaded(message: string, cause: unknown): CordonError {
  return new CordonError('OVERLOADED', message, cause === undefined ? {} : { cause });
}
