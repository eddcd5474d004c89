import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StoredFile } from '../../src/ports/decision-store.ts';
import { parseProjectName } from '../../src/pypi/names.ts';
import type { FakePypi } from '../fakes/fake-pypi.ts';
import { type IndexBench, MINUTE_MS, name, openIndexBench } from '../support/index-bench.ts';

let bench: IndexBench;
let inner: FakePypi;
let pypi: FakePypi;

async function open(privateNames: readonly string[]): Promise<void> {
  bench = await openIndexBench({
    upstreams: [
      { id: 'inner', projects: ['acme-*'] },
      { id: 'pypi', projects: ['*'] },
    ],
    privateNames,
  });
  inner = bench.fakes['inner'] as FakePypi;
  pypi = bench.fakes['pypi'] as FakePypi;
  inner.addFile('acme-sdk', { filename: 'acme_sdk-1.0-py3-none-any.whl', bytes: Buffer.from('private') });
  pypi.addFile('acme-sdk', { filename: 'acme_sdk-99.0-py3-none-any.whl', bytes: Buffer.from('public') });
}

const pathOf = (fake: FakePypi, filename: string): string =>
  new URL(fake.urlOf('acme-sdk', filename)).pathname.slice(1);

beforeEach(() => open([]));

afterEach(async () => {
  await bench.close();
});

test.each(['acme-sdk', 'ACME_SDK', 'Acme.Sdk', 'acme--sdk', 'acme_-.sdk'])(
  '16: under the spelling %s only the private files are listed, and the public index is not asked',
  async (spelling) => {
    const facts = await bench.index.findProject(parseProjectName(spelling) ?? name('none'));

    expect(facts?.files.map((row) => row.file.filename)).toEqual(['acme_sdk-1.0-py3-none-any.whl']);
    expect(pypi.requests).toEqual([]);
  },
);

test('16: the public file is not reached by its path either, as an old lock file would', async () => {
  expect(await bench.index.findFile(pathOf(pypi, 'acme_sdk-99.0-py3-none-any.whl'))).toBeUndefined();
  expect(pypi.requests).toEqual([]);
});

test('16: a public file that was known before the private index had the name is out of reach from then on', async () => {
  const file = { filename: 'acme_sdk-1.0-py3-none-any.whl', bytes: Buffer.from('private') };
  inner.removeProject('acme-sdk');
  const row = (await bench.facts('acme-sdk')).files[0] as StoredFile;
  inner.addFile('acme-sdk', file);
  bench.clock.advance(MINUTE_MS);

  const facts = await bench.facts('acme-sdk');

  expect([row.upstream, facts.upstream]).toEqual(['pypi', 'inner']);
  expect(await bench.index.findFile(row.path)).toBeUndefined();
  expect(await bench.restart().findFile(row.path)).toBeUndefined();
  expect(await bench.index.findFile(`packages/refused/${row.key}-malware/${row.file.filename}`)).toBeUndefined();
});

test('16: a name declared private is never asked of the public index, on any route, even when its own index has lost it', async () => {
  await bench.close();
  await open(['acme-*']);
  inner.removeProject('acme-sdk');

  expect(await bench.index.findProject(name('acme-sdk'))).toBeUndefined();
  expect(await bench.index.findFile(pathOf(pypi, 'acme_sdk-99.0-py3-none-any.whl'))).toBeUndefined();
  expect(bench.index.findUpstreams(name('acme-sdk'))).toEqual(['inner']);
  expect(pypi.requests).toEqual([]);
});

test('16: a public file that was known before its name was declared private is out of reach', async () => {
  inner.removeProject('acme-sdk');
  const row = (await bench.facts('acme-sdk')).files[0] as StoredFile;
  pypi.clearRequests();

  const index = bench.restart({ privateNames: ['acme-*'] });

  expect(await index.findFile(row.path)).toBeUndefined();
  expect(pypi.requests).toEqual([]);
});

test('16: files of two upstreams cannot meet on one path', async () => {
  const same = { filename: 'same-1.0.tar.gz', bytes: Buffer.from('same bytes') };
  inner.addFile('acme-same', { ...same, filename: 'acme_same-1.0.tar.gz' });
  pypi.addFile('same', { ...same, path: new URL(inner.urlOf('acme-same', 'acme_same-1.0.tar.gz')).pathname.slice(1) });

  const ours = (await bench.facts('acme-same')).files[0];
  const theirs = (await bench.facts('same')).files[0];

  expect(ours?.path).toMatch(/^packages\/~inner\//);
  expect(theirs?.path).not.toBe(ours?.path);
});
