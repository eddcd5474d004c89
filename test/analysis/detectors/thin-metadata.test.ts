import { expect, test } from 'vitest';
import { inspect, type Packed, wheel } from '../../support/inspect.ts';
import { elf } from './machine-code.ts';

const BARE = { Summary: null, 'Project-URL': null, Classifier: null };

test('a tiny archive that says nothing of itself is suspicious as a whole', async () => {
  const file = wheel({ 'pkg/__init__.py': 'VALUE = 1\n' }, { metadata: BARE, description: '' });

  expect(await inspect('thin-metadata', file)).toMatchObject([
    { class: 'suspicious', score: 4, context: 'none', path: '', line: 0 },
  ]);
});

test('two things that are missing weigh little', async () => {
  const file = wheel({ 'pkg/__init__.py': 'VALUE = 1\n' }, { metadata: { Classifier: null }, description: '' });

  expect(await inspect('thin-metadata', file)).toMatchObject([{ score: 1.5 }]);
});

test('a small project that says what it is, is silent', async () => {
  const file = wheel({ 'pkg/__init__.py': 'VALUE = 1\n' });

  expect(await inspect('thin-metadata', file)).toEqual([]);
});

test('a large project without metadata is silent', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`pkg/part${i}.py`, `VALUE = ${i}\n`] as const),
  );

  expect(await inspect('thin-metadata', wheel(files, { metadata: BARE, description: '' }))).toEqual([]);
});

test('fields that are filled with UNKNOWN are as good as missing', async () => {
  const file = wheel(
    { 'pkg/__init__.py': 'VALUE = 1\n' },
    {
      metadata: { Summary: 'UNKNOWN', 'Home-page': 'UNKNOWN', 'Project-URL': null, Classifier: null },
      description: '',
    },
  );

  expect(await inspect('thin-metadata', file)).toMatchObject([{ class: 'suspicious', score: 4, path: '' }]);
});

test('a version that outbids everything, of nothing, is held', async () => {
  const file = wheel({ 'pkg/__init__.py': '' }, { version: '99.99.9', metadata: BARE, description: '' });
  const dated = wheel({ 'pkg/__init__.py': '' }, { version: '2026.11.2', metadata: BARE, description: '' });

  expect(await inspect('thin-metadata', file)).toMatchObject([{ class: 'suspicious', score: 6, path: '' }]);
  expect(await inspect('thin-metadata', dated)).toMatchObject([{ score: 4 }]);
});

test('an advertisement without code is held, a short page of a small project is not', async () => {
  const lure = 'FREE ROBUX generator, no survey, no verification: click here https://bit.ly/abcdef1 today. '.repeat(4);
  const plain = 'Talks to the generator of the lab. See https://bit.ly/abcdef1 for the slides. '.repeat(4);

  expect(await inspect('thin-metadata', wheel({ 'pkg/__init__.py': '' }, { description: lure }))).toMatchObject([
    { class: 'suspicious', score: 6 },
  ]);
  expect(await inspect('thin-metadata', wheel({ 'pkg/__init__.py': '' }, { description: plain }))).toEqual([]);
});

test('three lures and an address with no code behind them are an advertisement, one of them is a subject', async () => {
  const page = (description: string): Packed => wheel({ 'pkg/__init__.py': '' }, { description });
  const lures = '# Watch full HD\n[>> click here <<](https://films.invalid/free) free movies, no survey\n';

  expect(await inspect('thin-metadata', page(lures))).toMatchObject([{ score: 6, class: 'suspicious' }]);
  expect(await inspect('thin-metadata', page('A generator of names. https://names.example.invalid\n'))).toEqual([]);
});

test('a nameless archive whose doings are machine code without a source is held by itself', async () => {
  const files = { 'pkg/__init__.py': 'from .core import *\nmain()\n', 'pkg/core.so': elf('PyInit_core') };
  const bare = { metadata: BARE, description: '' };

  expect(await inspect('thin-metadata', wheel(files, bare))).toMatchObject([{ class: 'suspicious', score: 6 }]);
  for (const file of [
    wheel(files, { ...bare, tag: 'cp312-cp312-linux_x86_64' }),
    wheel({ ...files, 'pkg/core.c': 'int main;\n' }, bare),
    wheel({ ...files, 'pkg/tool.py': 'VALUE = 1\n'.repeat(400) }, bare),
  ])
    expect(await inspect('thin-metadata', file)).toMatchObject([{ score: 4 }]);
  expect(await inspect('thin-metadata', wheel(files))).toEqual([]);
});
