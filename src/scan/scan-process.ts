import { type ChildProcess, fork } from 'node:child_process';
import { isAnswerTo, type ScanAnswer, type ScanJob } from './messages.ts';
import { findResidentBytes } from './process-memory.ts';

/** Why a child did not answer. None of them says anything about the file. */
export type ScanLoss = 'died' | 'late' | 'memory' | 'stopped';

/** A child was lost while it scanned. */
export class ScanLossError extends Error {
  readonly loss: ScanLoss;

  constructor(loss: ScanLoss, message: string) {
    super(message);
    this.name = 'ScanLossError';
    this.loss = loss;
  }
}

export interface ScanProcessLimits {
  /** of one scan */
  readonly deadlineMs: number;
  /** resident, of one child */
  readonly memoryBytes: number;
}

/** how often the memory of a busy child is looked at: it can grow by some 100 MB in between */
const MEMORY_POLL_MS = 50;
/** V8 needs room beside the heap for code and buffers; the resident limit is what binds */
const HEAP_SHARE = 0.6;

/** MiB of V8's nursery: a scan makes much that dies young, and a small nursery passes half of it on. */
const NURSERY_MIB = 32;

function nurseryFlags(): readonly string[] {
  const flag = '--max-semi-space-size';
  return process.allowedNodeEnvironmentFlags.has(flag) ? [`${flag}=${String(NURSERY_MIB)}`] : [];
}

/** The flag that takes file writes, further processes and threads from a child, as this Node spells it. */
function permissionFlags(): readonly string[] {
  const known = process.allowedNodeEnvironmentFlags;
  const flag = ['--permission', '--experimental-permission'].find((name) => known.has(name));
  return flag === undefined ? [] : [flag, '--allow-fs-read=*', '--no-warnings'];
}

/** One forked child. It scans one file at a time; after a loss it is gone. */
export class ScanProcess {
  readonly #child: ChildProcess;
  readonly #limits: ScanProcessLimits;
  #stop: ((loss: ScanLoss, message: string) => void) | undefined;
  #isGone = false;
  scans = 0;

  /**
   * @param childPath the compiled child.js
   * @param start of node:child_process, unless a test has one of its own
   */
  constructor(childPath: string, limits: ScanProcessLimits, start: typeof fork = fork) {
    this.#limits = limits;
    const heapMiB = Math.floor((limits.memoryBytes * HEAP_SHARE) / 2 ** 20);
    this.#child = start(childPath, [], {
      env: {},
      execArgv: [`--max-old-space-size=${String(heapMiB)}`, ...nurseryFlags(), ...permissionFlags()],
      serialization: 'advanced',
      // what V8 prints when it dies is of no use to anybody who reads a log of JSON lines
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const onEnd = (): void => {
      this.#isGone = true;
      this.#stop?.('died', 'the scan process died');
    };
    this.#child.on('exit', onEnd);
    // a child may fail more than once (not started, then not killed), and an error that nobody hears ends the server
    this.#child.on('error', onEnd);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** undefined: it could not be started */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get residentBytes(): number | undefined {
    return this.pid === undefined ? undefined : findResidentBytes(this.pid);
  }

  /** Scans one file. Throws ScanLossError when the child dies, comes late, grows too large or is stopped. */
  scan(job: ScanJob): Promise<ScanAnswer> {
    this.scans += 1;
    return new Promise<ScanAnswer>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(deadline);
        clearInterval(poll);
        this.#child.off('message', onMessage);
        this.#stop = undefined;
      };
      this.#stop = (loss, message) => {
        settle();
        this.kill();
        reject(new ScanLossError(loss, message));
      };
      const onMessage = (message: unknown): void => {
        if (!isAnswerTo(job, message)) {
          this.#stop?.('died', 'the scan process answered something else');
          return;
        }
        settle();
        resolve(message);
      };
      const { deadlineMs, memoryBytes } = this.#limits;
      const deadline = setTimeout(
        () => this.#stop?.('late', `the scan took longer than ${String(deadlineMs)} ms`),
        deadlineMs,
      );
      const poll = setInterval(() => {
        if ((this.residentBytes ?? 0) > memoryBytes) {
          this.#stop?.('memory', `the scan process grew beyond ${String(memoryBytes)} bytes`);
        }
      }, MEMORY_POLL_MS);
      this.#child.on('message', onMessage);
      if (this.#isGone) {
        this.#stop('died', 'the scan process died');
        return;
      }
      this.#child.send(job, (error) => {
        if (error !== null) {
          this.#stop?.('died', 'the scan process could not be reached');
        }
      });
    });
  }

  /** Ends a scan under way with a `stopped` loss, and the child. */
  stop(): void {
    this.#stop?.('stopped', 'the scan was stopped');
    this.kill();
  }

  /** SIGKILL: a child that is busy hears nothing else. */
  kill(): void {
    this.#isGone = true;
    this.#child.kill('SIGKILL');
  }

  /** Keeps an idle child from keeping the server alive, or a busy one from being left behind. */
  setBusy(isBusy: boolean): void {
    if (isBusy) {
      this.#child.ref();
      this.#child.channel?.ref();
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }
}
