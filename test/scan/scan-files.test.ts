import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { Unscannable } from '../../src/analysis/report/scan-report.ts';
import { CordonError } from '../../src/errors.ts';
import type { Scanner } from '../../src/ports/scanner.ts';
import { type FileResult, linesOf, runScan, toScanLine } from '../../src/scan/scan-files.ts';
import { unscannableReport } from '../../src/scan/unscannable-report.ts';

const thresholds = { refuse: 10, quarantine: 5 };

const finding: Finding = {
  detector: 'install-network',
  severity: 'critical',
  class: 'malware',
  score: 12,
  context: 'install',
  path: 'setup.py',
  line: 3,
  message: 'downloads and runs a file',
  snippet: 'exec(get(URL))',
  chain: [],
};

/** A scanner that finds what the filename says. */
const scanner: Scanner = {
  ruleset: 'rules-1',
  scan: (request) => {
    if (request.filename.startsWith('late')) {
      return Promise.reject(new CordonError('OVERLOADED', 'the scan did not come to an end'));
    }
    const unscannable: Unscannable = { cause: 'format', message: 'broken' };
    const { unscannable: why, ...clean } = unscannableReport(request, 'rules-1', unscannable);
    const isBad = request.filename.startsWith('bad');
    const isBroken = request.filename.startsWith('broken');
    const report = {
      ...clean,
      ...(isBroken && why !== undefined ? { unscannable: why } : {}),
      ...(isBad ? { score: 12, findings: [finding] } : {}),
    };
    return Promise.resolve({ report });
  },
  promote: () => undefined,
  stats: () => ({ queued: 0, running: 0 }),
  close: () => Promise.resolve(),
};

const folder = mkdtempSync(join(tmpdir(), 'cordon-scan-files-'));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  mkdirSync(at('good/deep'), { recursive: true });
  mkdirSync(at('mixed'));
  for (const name of ['good/a.whl', 'good/deep/b.tar.gz', 'good/notes.txt', 'mixed/bad.zip', 'mixed/broken.tar.bz2']) {
    writeFileSync(at(name), name);
  }
  writeFileSync(at('late.whl'), 'late');
  writeFileSync(at('odd.name'), 'odd');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(paths: readonly string[]): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const results: FileResult[] = [];
  const options = { paths: paths.map(at), thresholds, concurrency: 2 };
  const code = await runScan(options, { scanner, onResult: (result) => results.push(result) });
  const said = results.map((result) => {
    const file = result.file.slice(folder.length + 1);
    return `${file}: ${result.kind === 'failed' ? result.message : result.verdict.kind}`;
  });
  return { code, said: said.toSorted() };
}

describe('runScan', () => {
  test('takes every distribution file below a folder, and exits 0 when all are allowed', async () => {
    expect(await run(['good'])).toEqual({ code: 0, said: ['good/a.whl: allow', 'good/deep/b.tar.gz: allow'] });
  });

  test('exits 1 when something is refused or quarantined', async () => {
    const { code, said } = await run(['good', 'mixed']);

    expect(code).toBe(1);
    expect(said).toContain('mixed/bad.zip: refuse');
    expect(said).toContain('mixed/broken.tar.bz2: quarantine');
  });

  test('goes on after a file that cannot be read or judged, and exits 2', async () => {
    const { code, said } = await run(['missing.whl', 'late.whl', 'good']);

    expect(code).toBe(2);
    expect(said).toContain('missing.whl: cannot be read: ENOENT');
    expect(said).toContain('late.whl: the scan did not come to an end');
    expect(said).toContain('good/a.whl: allow');
  });

  test.skipIf(process.platform === 'win32')('is not caught by what lies in a folder and never ends', async () => {
    mkdirSync(at('trap'));
    symlinkSync('/dev/zero', at('trap/endless.whl'));
    symlinkSync('nowhere', at('trap/lost.whl'));
    symlinkSync('.', at('trap/loop.whl'));
    symlinkSync('../good/a.whl', at('trap/real.whl'));

    const { code, said } = await run(['trap']);

    expect(code).toBe(2);
    expect(said).toEqual([
      'trap/endless.whl: it is neither a file nor a folder',
      'trap/lost.whl: cannot be read: ENOENT',
      'trap/real.whl: allow',
    ]);
  });

  test('a file that is named itself is scanned whatever its name', async () => {
    expect((await run(['odd.name'])).said).toEqual(['odd.name: allow']);
  });

  test('nothing to scan is an error, not a success', async () => {
    expect((await run([])).code).toBe(2);
  });

  test('reads names from lines', async () => {
    const names: string[] = [];
    for await (const name of linesOf(Readable.from(['a.whl\n\nb c.whl\r\n', 'd.whl']))) {
      names.push(name);
    }

    expect(names).toEqual(['a.whl', 'b c.whl', 'd.whl']);
  });
});

test('a line says verdict, reason, score and findings', async () => {
  const lines: unknown[] = [];
  await runScan(
    { paths: [at('mixed/bad.zip')], thresholds, concurrency: 1 },
    {
      scanner,
      onResult: (result) => {
        if (result.kind === 'scanned') lines.push(toScanLine(result));
      },
    },
  );

  expect(lines).toEqual([
    {
      file: at('mixed/bad.zip'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
      verdict: 'refuse',
      reason: 'malware',
      score: 12,
      findings: [
        {
          detector: 'install-network',
          severity: 'critical',
          path: 'setup.py',
          line: 3,
          message: 'downloads and runs a file',
          snippet: 'exec(get(URL))',
        },
      ],
      elapsedMs: expect.any(Number) as number,
    },
  ]);
});
