// A process that fetches and scans one file and kills itself at a given step. Run by 20-*.test.ts, from built JavaScript.
// A step is each change below the data folder and each mutation of the decision store, before and after.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { DecisionStore } from '../../../src/ports/decision-store.ts';
import type { Scanner } from '../../../src/ports/scanner.ts';
import type { FillTask } from './fill.ts';

interface KillTask extends FillTask {
  /** dies at this step, counted from 1 */
  readonly dieAt: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as KillTask;
let steps = 0;

function step(name: string): void {
  steps += 1;
  if (steps !== task.dieAt) return;
  fs.writeSync(1, `${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}

type Operation = (...args: unknown[]) => Promise<unknown>;

function stepping(name: string, operation: Operation): Operation {
  return async (...args) => {
    step(`before ${name}`);
    const result = await operation(...args);
    step(`after ${name}`);
    return result;
  };
}

/** Only what makes or changes files counts: a death between two reads leaves what the death before left. */
function watchFileSystem(): void {
  const promises = fs.promises as unknown as Record<string, Operation>;
  for (const name of ['mkdir', 'rename', 'rm', 'unlink']) {
    promises[name] = stepping(name, (promises[name] as Operation).bind(fs.promises));
  }
  const open = (promises['open'] as Operation).bind(fs.promises);
  promises['open'] = async (...args) => {
    const isWritten = args[1] === 'wx';
    if (isWritten) step('before open');
    const handle = (await open(...args)) as Record<string, Operation>;
    if (isWritten) step('after open');
    for (const method of ['writev', 'sync', 'close']) {
      handle[method] = stepping(method, (handle[method] as Operation).bind(handle));
    }
    return handle;
  };
  syncBuiltinESMExports();
}

function watchStore(store: DecisionStore): DecisionStore {
  const watch = <T>(operation: T, name: string): T => stepping(name, operation as Operation) as T;
  return {
    ...store,
    pages: { ...store.pages, savePage: watch(store.pages.savePage, 'savePage') },
    files: { ...store.files, updateFile: watch(store.files.updateFile, 'updateFile') },
    reports: { ...store.reports, saveReport: watch(store.reports.saveReport, 'saveReport') },
    events: { ...store.events, append: watch(store.events.append, 'append') },
  };
}

function watchScanner(scanner: Scanner): Scanner {
  return { ...scanner, scan: stepping('scan', scanner.scan as Operation) as Scanner['scan'] };
}

watchFileSystem();
// only now: what is loaded here takes the watched functions
const { fill } = await import('./fill.ts');
await fill(task, { watchStore, watchScanner });
fs.writeSync(1, 'done\n');
