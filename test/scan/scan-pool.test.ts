import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { isCordonError } from '../../src/errors.ts';
import type { Scanner, ScanOutcome, ScanRequest } from '../../src/ports/scanner.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { createScanPool, type ScanPoolOptions } from '../../src/scan/scan-pool.ts';
import { silentLog } from '../fakes/silent-log.ts';

const childPath = fileURLToPath(new URL('children/scripted.mjs', import.meta.url));
const sha256 = 'a'.repeat(64) as Sha256;

let pool: Scanner | undefined;

function start(options: Partial<ScanPoolOptions> = {}): Scanner {
  pool = createScanPool(
    {
      ruleset: 'rules-1',
      children: 1,
      deadlineMs: 10_000,
      memoryBytes: 512 * 2 ** 20,
      retries: 1,
      backoffMs: 1,
      maxQueue: 100,
      childPath,
      ...options,
    },
    { log: silentLog },
  );
  return pool;
}

afterEach(async () => {
  await pool?.close();
});

function file(filename: string, priority: ScanRequest['priority'] = 'requested'): ScanRequest {
  return { path: '/nowhere', filename, sha256, sizeBytes: 1, priority };
}

/** What a scan came to, in a word. */
async function outcome(scan: Promise<ScanOutcome>): Promise<string> {
  try {
    const { report } = await scan;
    return report.unscannable === undefined ? 'report' : `unscannable: ${report.unscannable.cause}`;
  } catch (error) {
    return isCordonError(error) ? error.code : String(error);
  }
}

describe('a scan ends with a report of this very file, or with a failure', () => {
  test('the report carries the rules in force, and the child has no environment', async () => {
    const { report, coreMetadata } = await start().scan(file('good'));

    expect(report).toMatchObject({ sha256, filename: 'good', ruleset: 'rules-1' });
    const environment = Object.keys(JSON.parse(Buffer.from(coreMetadata ?? []).toString()) as object);
    expect(environment.filter((name) => !name.startsWith('NODE_CHANNEL'))).toEqual([]);
  });

  test.each([
    ['dies', 'die', {}],
    ['comes late', 'hang', { deadlineMs: 150 }],
    ['grows beyond its memory', 'hog', { memoryBytes: 200 * 2 ** 20 }],
    ['answers with the report of another file', 'lie', {}],
    ['answers without a report', 'mumble', {}],
    ['answers with the report of other rules', 'boast', {}],
    ['answers with a score that is no number', 'stutter', {}],
    ['answers with something of its own', 'invent', {}],
  ])('a child that %s each time is a failure, never a report', async (_what, filename, options) => {
    const scanner = start(options);

    expect(await outcome(scanner.scan(file(filename)))).toBe('OVERLOADED');
    expect(await outcome(scanner.scan(file('good')))).toBe('report');
  });

  test.each([
    ['die-once', {}],
    // the second child has to start within it, on a busy machine too
    ['hang-once', { deadlineMs: 2_000 }],
    ['throw-once', {}],
  ])('%s: the file is tried again', async (filename, options) => {
    expect(await outcome(start(options).scan(file(filename)))).toBe('report');
  });

  test('the analysis that throws the same twice makes the file unscannable', async () => {
    expect(await outcome(start().scan(file('throw')))).toBe('unscannable: unsupported');
  });

  test('the analysis that throws something else each time does not', async () => {
    expect(await outcome(start().scan(file('vary')))).toBe('OVERLOADED');
  });

  test('a file that the system does not give is a failure of the store', async () => {
    expect(await outcome(start().scan(file('unreadable')))).toBe('STORE_DOWN');
  });

  test('closing ends what runs and what waits', async () => {
    const scanner = start();
    const scans = [scanner.scan(file('hang')), scanner.scan(file('good'))].map(outcome);

    await scanner.close();

    expect(await Promise.all(scans)).toEqual(['OVERLOADED', 'OVERLOADED']);
    expect(await outcome(scanner.scan(file('good')))).toBe('OVERLOADED');
  });

  test('a scan that is given up ends, running or waiting', async () => {
    const scanner = start();
    const running = new AbortController();
    const waiting = new AbortController();
    const scans = [
      outcome(scanner.scan(file('hang'), running.signal)),
      outcome(scanner.scan(file('good'), waiting.signal)),
      outcome(scanner.scan(file('good'))),
    ];

    waiting.abort();
    running.abort();

    expect(await Promise.all(scans)).toEqual(['OVERLOADED', 'OVERLOADED', 'report']);
  });
});

describe('who is scanned first', () => {
  test('requests before speculation before rescans, in their order, and a promoted one among the requests', async () => {
    const scanner = start();
    const order: string[] = [];
    const scan = (filename: string, priority: ScanRequest['priority']): Promise<ScanOutcome> =>
      scanner.scan({ ...file(filename, priority), onStart: () => order.push(filename) });
    const scans = [
      scan('slow-0', 'requested'),
      scan('rescan', 'rescan'),
      scan('ahead-1', 'speculative'),
      scan('ahead-2', 'speculative'),
      scan('wanted', 'requested'),
    ];

    scanner.promote({ sha256, filename: 'ahead-2' }, 'requested');
    await Promise.all(scans);

    expect(order).toEqual(['slow-0', 'wanted', 'ahead-2', 'ahead-1', 'rescan']);
  });

  test('a full queue gives up the weakest, and refuses a request only when nothing weaker waits', async () => {
    const scanner = start({ maxQueue: 2 });
    const scans = [
      scanner.scan(file('slow-0')),
      scanner.scan(file('a', 'rescan')),
      scanner.scan(file('b', 'speculative')),
      scanner.scan(file('c')),
      scanner.scan(file('d')),
      scanner.scan(file('e')),
    ].map(outcome);

    expect(scanner.stats()).toEqual({ queued: 2, running: 1 });
    expect(await Promise.all(scans)).toEqual(['report', 'OVERLOADED', 'OVERLOADED', 'report', 'report', 'OVERLOADED']);
  });
});
