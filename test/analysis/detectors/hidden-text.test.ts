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

test('an argument under the bracket of a long line that opened it is in its place; one under blanks is not', async () => {
  const open = `    links[0] = '${'x'.repeat(170)}'.format(`;
  const under = ' '.repeat(open.length);
  const aligned = python('def link(links, path, part):', `${open}path = path,`, `${under}part = part)`);
  const far = `    links[0] = [${' '.repeat(170)}(`;
  const hidden = python('def link(links):', far, `${' '.repeat(far.length)}act(links))]`);

  expect(await inspect('hidden-text', wheel({ 'pkg/__init__.py': aligned }))).toEqual([]);
  expect(await inspect('hidden-text', wheel({ 'pkg/__init__.py': hidden }))).toMatchObject([{ class: 'malware' }]);
});
