import { describe, expect, test } from 'vitest';
import { analysePacked, python, sdist, wheel } from '../support/inspect.ts';

const BODY = Array.from(
  { length: 30 },
  (_, index) => `def colour_${index}(text):\n    return '\\033[${index}m' + text\n`,
);
const moduleOf = (name: string, comment = ''): string =>
  python(`from ${name}.other import thing${comment}`, `class ${name}Error(Exception): pass`, ...BODY);
const LINES = [
  'Produces coloured terminal text and cursor movement on every platform there is.',
  'ANSI escape sequences have long been used to produce coloured terminal text.',
  'Import it, call init, and the sequences are translated for the old terminals.',
];
const describeAs = (name: string): string => [`# ${name}`, ...LINES, `pip install ${name}: short`].join('\n');

describe('prints of a release', () => {
  test('are the same under another name, with other comments and other folders', async () => {
    const original = await analysePacked(wheel({ 'colourful/ansi.py': moduleOf('colourful') }, { name: 'colourful' }));
    const copy = await analysePacked(
      sdist({ 'src/paintbrush/ansi.py': moduleOf('paintbrush', '  # ours'), 'setup.py': '' }, { name: 'paintbrush' }),
    );

    const prints = Object.values(original.summary.modules ?? {});
    expect(prints).toHaveLength(1);
    expect(prints[0]).toMatch(/^[0-9a-f]{16}$/u);
    expect(Object.values(copy.summary.modules ?? {})).toEqual(prints);
  });

  test('differ where the code does, and leave out what is too small to say anything', async () => {
    const one = await analysePacked(wheel({ 'colourful/ansi.py': moduleOf('colourful'), 'colourful/s.py': 'x = 1\n' }));
    const other = await analysePacked(wheel({ 'colourful/ansi.py': `${moduleOf('colourful')}\nimport os\n` }));

    expect(Object.keys(one.summary.modules ?? {})).toEqual(['colourful/ansi.py']);
    expect(Object.values(other.summary.modules ?? {})).not.toEqual(Object.values(one.summary.modules ?? {}));
  });

  test('of a description are those of its long lines, whatever the project is called', async () => {
    const files = (name: string) => ({ [`${name}/__init__.py`]: '' });
    const original = await analysePacked(wheel(files('colourful'), { description: describeAs('colourful') }));
    const copy = await analysePacked(wheel(files('paintbrush'), { description: describeAs('paintbrush') }));
    const none = await analysePacked(wheel(files('paintbrush')));

    expect(original.summary.description).toHaveLength(LINES.length);
    expect(copy.summary.description).toEqual(original.summary.description);
    expect(none.summary.description).toEqual([]);
  });
});
