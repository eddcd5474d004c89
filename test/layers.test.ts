import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLayers, RULES, type Violation } from '../.ci/layers.mjs';

/** rule → the file that breaks it and its text */
const PLANTED: Readonly<Record<string, readonly [string, string]>> = {
  'no-cycles': ['jobs/one.ts', "import { two } from './two.ts';\nexport const one = (): number => two();"],
  'src-never-imports-test': [
    'judge/tested.ts',
    "import { fake } from '../../test/fake.ts';\nexport const tested = fake;",
  ],
  'pure-folders-do-no-io': ['pypi/reads.ts', "export { readFileSync } from 'node:fs';"],
  'pure-folders-use-pure-packages': ['policy/logs.ts', "export { pino } from 'pino';"],
  'pypi-stands-alone': ['pypi/looks-up.ts', "export type { Finding } from '../analysis/report/finding.ts';"],
  'analysis-sees-pypi': ['analysis/decides.ts', "export type { Verdict } from '../policy/verdict.ts';"],
  'policy-sees-analysis': ['policy/asks.ts', "export type { Clock } from '../ports/clock.ts';"],
  'ports-see-pure-folders': ['ports/serves.ts', "export { page } from '../gate/page.ts';"],
  'index-sees-ports': ['index/judges.ts', "export { judge } from '../judge/judge.ts';"],
  'judge-sees-index': ['judge/stores.ts', "export { store } from '../storage/memory/store.ts';"],
  'intake-sees-judge': ['intake/serves.ts', "export { page } from '../gate/page.ts';"],
  'gate-sees-intake': ['gate/fetches.ts', "export { client } from '../upstream/client.ts';"],
  'admin-sees-intake': ['admin/stores.ts', "export { store } from '../storage/memory/store.ts';"],
  'jobs-see-intake': ['jobs/serves.ts', "export { page } from '../gate/page.ts';"],
  'http-sees-routes': ['http/stores.ts', "export { store } from '../storage/memory/store.ts';"],
  'upstream-sees-ports': ['upstream/stores.ts', "export { store } from '../storage/memory/store.ts';"],
  'scan-sees-ports': ['scan/stores.ts', "export { store } from '../storage/memory/store.ts';"],
  'storage-sees-ports': ['storage/fetches.ts', "export { client } from '../upstream/client.ts';"],
  'feeds-see-ports': ['feeds/fetches.ts', "export { client } from '../upstream/client.ts';"],
  'only-main-wires': ['commands/opens.ts', "export { store } from '../storage/memory/store.ts';"],
  'only-the-scan-child-runs-the-analysis': ['scan/pool.ts', "export { first } from '../analysis/detectors/first.ts';"],
  'the-scan-child-is-small': ['scan/child.ts', "export { nameOf } from '../ports/name-of.ts';"],
  'detectors-are-strangers': ['analysis/detectors/second.ts', "export { first } from './first.ts';"],
  'every-detector-is-in-the-list': ['analysis/detectors/forgotten.ts', 'export const forgotten = 1;'],
  'rooms-below-evidence-do-not-look-up': ['analysis/archive/knows.ts', "export { roles } from '../evidence/roles.ts';"],
  'evidence-does-not-see-detectors': ['analysis/evidence/knows.ts', "export { first } from '../detectors/first.ts';"],
  'vocabulary-sees-nothing': ['analysis/vocabulary/knows.ts', "export { names } from '../python/names.ts';"],
  'report-sees-nothing-of-analysis': ['analysis/report/knows.ts', "export { names } from '../python/names.ts';"],
  'better-sqlite3-in-storage': ['jobs/sql.ts', "export { default as Database } from 'better-sqlite3';"],
  'undici-in-upstream': ['feeds/asks.ts', "export { request } from 'undici';"],
  'express-in-http': ['gate/edge.ts', "export { default as express } from 'express';"],
  'proxy-middleware-in-http': ['upstream/passes.ts', "export { createProxyMiddleware } from 'http-proxy-middleware';"],
  'prom-client-in-metrics': ['intake/counts.ts', "export { Counter } from 'prom-client';"],
  'pino-in-log': ['upstream/logs.ts', "export { pino } from 'pino';"],
  'commander-in-cli': ['admin/parses.ts', "export { Command } from 'commander';"],
  'child-process-in-scan': ['jobs/starts.ts', "export { spawn } from 'node:child_process';"],
};

/** Innocent files that the planted ones point to. */
const GROUND: Readonly<Record<string, string>> = {
  'test/fake.ts': 'export const fake = 1;',
  'src/jobs/two.ts': "import { one } from './one.ts';\nexport const two = (): number => one();",
  'src/analysis/report/finding.ts': 'export interface Finding { readonly line: number }',
  'src/analysis/detectors/first.ts': 'export const first = 1;',
  'src/analysis/detectors/index.ts':
    "import { first } from './first.ts';\nimport { first as second } from './second.ts';\nexport const list = [first, second];",
  'src/analysis/evidence/roles.ts': 'export const roles = 1;',
  'src/analysis/python/names.ts': 'export const names = 1;',
  'src/policy/verdict.ts': 'export interface Verdict { readonly kind: string }',
  'src/ports/clock.ts': 'export interface Clock { now(): number }',
  'src/ports/name-of.ts': 'export const nameOf = 1;',
  'src/judge/judge.ts': 'export const judge = 1;',
  'src/gate/page.ts': 'export const page = 1;',
  'src/upstream/client.ts': "import { request } from 'undici';\nexport const client = request;",
  'src/storage/memory/store.ts': 'export const store = 1;',
};

let folder: string;
let modules: number;
let violations: readonly Violation[];

function plant(path: string, text: string): void {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, `${text}\n`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-layers-'));
  symlinkSync(join(import.meta.dirname, '..', 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [path, text] of Object.entries(GROUND)) plant(path, text);
  for (const [path, text] of Object.values(PLANTED)) plant(`src/${path}`, text);
  ({ modules, violations } = await checkLayers(folder));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('each rule of the layers sees a planted violation', () => {
  test.each(Object.entries(PLANTED).map(([rule, [path]]) => [rule, path] as const))('%s: src/%s', (rule, path) => {
    const found = violations.filter((violation) => violation.rule === rule).map((violation) => violation.from);

    expect(found).toContain(`src/${path}`);
  });

  test('every rule has its planted violation', () => {
    expect([...RULES].sort()).toEqual(Object.keys(PLANTED).sort());
  });

  test('innocent files are not accused', () => {
    const innocent = Object.keys(GROUND).filter((path) => path !== 'src/jobs/two.ts');
    const accused = new Set(violations.map((violation) => violation.from));

    expect(innocent.filter((path) => accused.has(path) && !path.endsWith('detectors/index.ts'))).toEqual([]);
    expect(modules).toBeGreaterThan(40);
  });
});
