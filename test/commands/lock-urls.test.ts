import { describe, expect, test } from 'vitest';
import { findPoetryDetours, rewriteLock } from '../../src/commands/lock-urls.ts';

const CORDON = 'http://127.0.0.1:8080';
const FILE = 'packages/71/39/171f1c67cd00715f190ba0b100d606d440a28c93c7714febeca8b79af85e/six-1.16.0.tar.gz';

const UV_LOCK = `version = 1
revision = 3

[[package]]
name = "six"
version = "1.16.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/${FILE}", hash = "sha256:1e61" }
`;

describe('to Cordon', () => {
  test('the files and the registry of a uv.lock', () => {
    const rewritten = rewriteLock(UV_LOCK, 'to-cordon', CORDON);

    expect(rewritten).toMatchObject({ changed: 2, files: 1 });
    expect(rewritten.text).toContain(`url = "${CORDON}/${FILE}"`);
    expect(rewritten.text).toContain(`registry = "${CORDON}/simple/"`);
    expect(rewritten.text).not.toContain('pypi.org');
  });

  test.each([
    ['pylock.toml', `url = "https://files.pythonhosted.org/${FILE}"`],
    ['requirements.txt', `six @ https://files.pythonhosted.org/${FILE} --hash=sha256:1e61`],
    ['an index line', '--index-url https://pypi.org/simple/'],
    ['an index option with an equals sign', '--extra-index-url=https://pypi.org/simple/'],
    ['a place for links after another option', '--pre --find-links=https://pypi.org/simple/six/'],
    ['Pipfile.lock', '"url": "https://pypi.org/simple"'],
    ['pdm.lock', `{url = "https://files.pythonhosted.org/${FILE}", hash = "sha256:1e61"},`],
  ])('%s', (_, line) => {
    expect(rewriteLock(line, 'to-cordon', CORDON).changed).toBe(1);
  });

  test.each([
    ['another host that ends the same', `https://not-files.pythonhosted.org/${FILE}`],
    ['a longer path of the index', 'https://pypi.org/simple-other/'],
    ['a URL inside a URL', `https://elsewhere.invalid/?next=https://files.pythonhosted.org/${FILE}`],
    ['an option-like part of another URL', 'https://elsewhere.invalid/--index-url=https://pypi.org/simple/'],
    ['a project page for people', 'https://pypi.org/project/six/'],
  ])('%s stays', (_, line) => {
    expect(rewriteLock(line, 'to-cordon', CORDON)).toMatchObject({ text: line, changed: 0, files: 0 });
  });
});

test('to Cordon and back gives the same text', () => {
  const there = rewriteLock(UV_LOCK, 'to-cordon', 'https://pypi.example.invalid/cordon');

  expect(rewriteLock(there.text, 'to-pypi', 'https://pypi.example.invalid/cordon').text).toBe(UV_LOCK);
});

test('a uv.lock that was made through Cordon names the registry of pypi.org as uv does, without a slash', () => {
  const made = `source = { registry = "${CORDON}/simple/" }`;

  expect(rewriteLock(made, 'to-pypi', CORDON).text).toBe('source = { registry = "https://pypi.org/simple" }');
});

describe('the sources that Poetry asks, whatever its lock names', () => {
  const source = (name: string, url: string, priority?: string): string =>
    `[[tool.poetry.source]]\nname = "${name}"\n${url === '' ? '' : `url = "${url}"\n`}${priority === undefined ? '' : `priority = '${priority}'\n`}`;
  const ours = source('cordon', `${CORDON}/simple/`);
  const PYPI = 'https://pypi.org/simple';

  test.each([
    ['none: pypi.org is asked', '[tool.poetry]\nname = "demo"\n', [PYPI]],
    ['Cordon alone', ours, []],
    ['Cordon, and a section after it with a URL of its own', `${ours}\n[tool.other]\nurl = "https://x.invalid/"\n`, []],
    ['Cordon beside pypi.org', source('cordon', `${CORDON}/simple/`, 'supplemental'), [PYPI]],
    ['pypi.org by its address', source('mirror', `${PYPI}/`), [`${PYPI}/`]],
    ['pypi.org by its name, as a second one', `${ours}${source('PyPI', '', 'supplemental')}`, [PYPI]],
    [
      'another index for some',
      `${ours}${source('gpu', 'https://gpu.invalid/whl', 'explicit')}`,
      ['https://gpu.invalid/whl'],
    ],
  ])('%s', (_, project, expected) => {
    expect(findPoetryDetours(project, CORDON)).toEqual(expected);
  });
});

test('a second time in the same direction changes nothing', () => {
  const once = rewriteLock(UV_LOCK, 'to-cordon', CORDON).text;

  expect(rewriteLock(once, 'to-cordon', CORDON).changed).toBe(0);
});

describe('what goes past Cordon whatever is rewritten', () => {
  const elsewhere = (text: string): readonly string[] => rewriteLock(text, 'to-cordon', CORDON).elsewhere;

  test.each([
    [
      'a file of another host',
      'sdist = { url = "https://evil.invalid/six-1.0.tar.gz" }',
      'https://evil.invalid/six-1.0.tar.gz',
    ],
    ['another index', '--extra-index-url https://index.invalid/whl/cpu', 'https://index.invalid/whl/cpu'],
    ['an option with an equals sign', '--find-links=http://index.invalid/', 'http://index.invalid/'],
    ['a repository', 'six @ git+https://git.invalid/six.git@main', 'git+https://git.invalid/six.git@main'],
    ['credentials are not repeated', '"url": "https://u:secret@index.invalid/simple"', 'https://index.invalid/simple'],
    ['a name that begins like ours', `url = "${CORDON}80/x.whl"`, `${CORDON}80/x.whl`],
  ])('%s', (_, text, url) => {
    expect(elsewhere(text)).toEqual([url]);
  });

  test('is named once', () => {
    expect(elsewhere('url = "https://a.invalid/x"\nurl = "https://a.invalid/x"')).toEqual(['https://a.invalid/x']);
  });

  test.each([
    ['what was just rewritten', UV_LOCK],
    ['what a project says of itself', 'description = "see https://x.invalid"\nsummary = "https://x.invalid"'],
    ['our own URLs', `--index-url ${CORDON}/simple/`],
    ['a comment', '#    uv pip compile --index-url https://index.invalid\nsix==1.0 # via https://x.invalid'],
  ])('not %s', (_, text) => {
    expect(elsewhere(text)).toEqual([]);
  });

  test('is not looked for on the way back', () => {
    expect(rewriteLock('url = "https://a.invalid/x"', 'to-pypi', CORDON).elsewhere).toEqual([]);
  });
});
