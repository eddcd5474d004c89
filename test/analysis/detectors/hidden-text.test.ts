import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

const GAP = ' '.repeat(180);

test('a call behind a run of blanks is malware at its line', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import os', '', `NAME = 'pkg'${GAP};os.system('./collect')`),
  });

  const findings = await inspect('hidden-text', file);

  expect(findings).toMatchObject([{ class: 'malware', score: 9, context: 'import', path: 'pkg/__init__.py', line: 3 }]);
});

test('a remark far to the right and a deeply indented table are silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      `NAME = 'pkg'${GAP}# see the manual, chapter 4`,
      'TABLE = {',
      `${' '.repeat(60)}'left': 1,`,
      `${' '.repeat(60)}'right': 2,`,
      '}',
    ),
  });

  expect(await inspect('hidden-text', file)).toEqual([]);
});

test('tabs in the place of blanks and an assignment in the place of a call are found', async () => {
  const file = wheel({
    'pkg/__init__.py': python('import os', `NAME = 'pkg'; ${'\t'.repeat(160)}act = os.system`, "act('./collect')"),
  });

  expect(await inspect('hidden-text', file)).toMatchObject([{ class: 'malware', path: 'pkg/__init__.py', line: 2 }]);
});
