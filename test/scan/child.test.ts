import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scanner, ScanOutcome } from '../../src/ports/scanner.ts';
import type { Sha256 } from '../../src/pypi/model.ts';
import { createScanPool } from '../../src/scan/scan-pool.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { makeSdist, sdistFilename } from '../support/make-sdist.ts';
import { makeWheel, wheelFilename } from '../support/make-wheel.ts';

const childPath = fileURLToPath(new URL('../../dist/scan/child.js', import.meta.url));

/** The compiled child, as the server runs it. */
describe.skipIf(!existsSync(childPath))('the scan child', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-scan-'));
  let pool: Scanner;

  beforeAll(() => {
    pool = createScanPool(
      {
        ruleset: 'rules-1',
        children: 1,
        deadlineMs: 60_000,
        memoryBytes: 512 * 2 ** 20,
        retries: 0,
        backoffMs: 1,
        maxQueue: 100,
        childPath,
      },
      { log: silentLog },
    );
  });

  afterAll(async () => {
    await pool.close();
    rmSync(folder, { recursive: true });
  });

  const scan = (filename: string, bytes: Uint8Array): Promise<ScanOutcome> => {
    const path = join(folder, filename);
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256;
    return pool.scan({ path, filename, sha256, sizeBytes: bytes.length, priority: 'requested' });
  };

  test('reports on a wheel and hands over its core metadata', async () => {
    const files = { 'pkg/__init__.py': 'VALUE = 1\n' };

    const { report, coreMetadata } = await scan(wheelFilename(files), makeWheel(files));

    expect(report).toMatchObject({ schema: 1, ruleset: 'rules-1', score: 0 });
    expect(report.unscannable).toBeUndefined();
    const digest = createHash('sha256')
      .update(coreMetadata ?? '')
      .digest('hex');
    expect(report.coreMetadataSha256).toBe(digest);
  });

  test('reports on an sdist with its PKG-INFO', async () => {
    const { coreMetadata } = await scan(
      sdistFilename(),
      makeSdist({ 'setup.py': 'from setuptools import setup\nsetup()\n' }),
    );

    expect(Buffer.from(coreMetadata ?? []).toString()).toContain('Name: example');
  });

  test('a file that is no archive is unscannable, not an error', async () => {
    const { report } = await scan('broken-1.0.tar.gz', Buffer.from('no archive'));

    expect(report.unscannable?.cause).toBe('unsupported');
  });

  test('a container that readers read differently stands in the report', async () => {
    const files = { 'pkg/__init__.py': '' };

    const { report } = await scan(wheelFilename(files), Buffer.concat([Buffer.from('#!/bin/sh\n'), makeWheel(files)]));

    expect(report.findings[0]).toMatchObject({ class: 'anomaly', severity: 'high' });
  });

  test('a file that is gone is a failure', async () => {
    const gone = { path: join(folder, 'gone'), filename: 'gone-1.0.tar.gz', sha256: 'b'.repeat(64) as Sha256 };

    await expect(pool.scan({ ...gone, sizeBytes: 1, priority: 'requested' })).rejects.toMatchObject({
      code: 'STORE_DOWN',
    });
  });
});
