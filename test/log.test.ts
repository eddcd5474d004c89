import { describe, expect, test } from 'vitest';
import { CordonError } from '../src/errors.ts';
import { createLog, type LogOptions } from '../src/log.ts';

function captureLog(options: Partial<LogOptions> = {}): { log: ReturnType<typeof createLog>; lines: string[] } {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line), isTTY: false };
  return { log: createLog({ level: 'debug', format: 'json', stream, ...options }), lines };
}

function only(lines: readonly string[]): Record<string, unknown> {
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('JSON lines', () => {
  test('a line is one object with the message and the fields', () => {
    const { log, lines } = captureLog();

    log.info({ project: 'six', durationMs: 3 }, 'verdict changed');

    expect(only(lines)).toMatchObject({ level: 'info', msg: 'verdict changed', project: 'six', durationMs: 3 });
  });

  test('lines below the level are left out', () => {
    const { log, lines } = captureLog({ level: 'warn' });

    log.info({}, 'not this');
    log.warn({}, 'but this');

    expect(only(lines)['msg']).toBe('but this');
  });

  test('an error keeps its code and its cause', () => {
    const { log, lines } = captureLog();

    log.error(
      { err: new CordonError('STORE_DOWN', 'the store is busy', { cause: new Error('SQLITE_BUSY') }) },
      'request failed',
    );

    expect(only(lines)['err']).toMatchObject({ code: 'STORE_DOWN', cause: { message: 'SQLITE_BUSY' } });
  });

  test('only a bug shows where in the code it happened', () => {
    const { log, lines } = captureLog();

    log.warn({ err: new CordonError('UPSTREAM_DOWN', 'no answer', { cause: new Error('ENOTFOUND') }) }, 'expected');
    log.error({ err: new TypeError('x is not a function') }, 'bug');

    expect(lines[0]).not.toContain('stack');
    expect(lines[1]).toContain('log.test.ts');
  });

  test('credentials never reach a line, in a URL, a header or an error', () => {
    const { log, lines } = captureLog();
    const url = 'https://ci:hunter2@index.invalid/simple/';

    log.warn(
      { url, nested: { headers: { Authorization: 'Basic hunter2' } }, err: new Error(`GET ${url}`) },
      'upstream failed',
    );

    expect(lines.join('')).not.toContain('hunter2');
    expect(only(lines)['url']).toBe('https://***@index.invalid/simple/');
  });

  test('control and bidi characters of a package do not reach the terminal', () => {
    const { log, lines } = captureLog();

    log.info({ filename: 'a\u001b[2Jb\u202egpj.exe\u0007\u009b' }, 'refused');

    expect(only(lines)['filename']).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('an endless string is cut', () => {
    const { log, lines } = captureLog();

    log.info({ filename: 'a'.repeat(100_000) }, 'refused');

    expect(lines.join('').length).toBeLessThan(10_000);
  });
});

describe('readable lines', () => {
  test('on a terminal the same line is text', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      format: 'auto',
      stream: { write: (line: string) => lines.push(line), isTTY: true },
    });

    log.info({ project: 'six' }, 'verdict changed');

    expect(lines.join('')).toContain('verdict changed');
    expect(lines.join('')).toContain('"project":"six"');
    expect(() => JSON.parse(lines.join('')) as unknown).toThrow();
  });
});
