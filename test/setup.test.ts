// What runs before `npm start`: in a checkout made for the test, with a compiler that takes a moment and bears no second one.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const CI = fileURLToPath(new URL('../.ci', import.meta.url));

const COMPILER = `
  const { appendFileSync, mkdirSync, rmdirSync, writeFileSync } = require('node:fs');
  mkdirSync('compiling');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/cli.js', '');
  appendFileSync('builds', 'x');
  rmdirSync('compiling');
`;

/** as `npm ci`: installs the compiler, and bears no second one either */
const NPM = `#!/usr/bin/env node
  const { cpSync, mkdirSync, rmSync, appendFileSync } = require('node:fs');
  mkdirSync('installing');
  rmSync('node_modules', { recursive: true, force: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  cpSync('packages', 'node_modules', { recursive: true });
  appendFileSync('installs', 'x');
  rmSync('installing', { recursive: true });
`;

let root: string;
const at = (...parts: readonly string[]): string => join(root, ...parts);

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text, { mode });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cordon-setup-'));
  cpSync(CI, at('.ci'), { recursive: true });
  put('package-lock.json', '{}');
  put('tsconfig.json', '{}');
  put('src/cli.ts', '');
  put('packages/typescript/bin/tsc', COMPILER);
  put('bin/npm', NPM, 0o755);
});

afterEach(() => rmSync(root, { recursive: true }));

function setUp(): Promise<{ readonly code: unknown; readonly err: string }> {
  const env = { ...process.env, PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    execFile(process.execPath, [at('.ci', 'setup.mjs')], { env, timeout: 15_000 }, (error, _out, err) => {
      resolve({ code: error === null ? 0 : error.code, err });
    });
  });
}

const countOf = (mark: string): number => readFileSync(at(mark), 'utf8').length;

// on Windows npm is a command file
test.skipIf(process.platform === 'win32')(
  'three starts at once in a fresh checkout install and build once',
  async () => {
    const ran = await Promise.all([setUp(), setUp(), setUp()]);

    expect(ran.map(({ code, err }) => (code === 0 ? 0 : err))).toEqual([0, 0, 0]);
    expect(countOf('installs')).toBe(1);
    expect(countOf('builds')).toBe(1);
    expect(existsSync(at('.cordon-setup.lock'))).toBe(false);
  },
);

test.skipIf(process.platform === 'win32')('a start that was killed holds nobody up', async () => {
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  put('.cordon-setup.lock', dead);

  const ran = await setUp();

  expect(ran).toMatchObject({ code: 0 });
  expect(countOf('builds')).toBe(1);
});

test.skipIf(process.platform === 'win32')('a failed install is said, and leaves no lock', async () => {
  put('bin/npm', '#!/bin/sh\nexit 7\n', 0o755);

  const ran = await setUp();

  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('npm ci failed with exit code 7') as string });
  expect(existsSync(at('.cordon-setup.lock'))).toBe(false);
});

test.skipIf(process.platform === 'win32')('where all is there nothing is done', async () => {
  await setUp();

  const again = await setUp();

  expect(again).toEqual({ code: 0, err: '' });
  expect(countOf('builds')).toBe(1);
});
