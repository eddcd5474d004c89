import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildPageModel, type PageModel } from '../../src/gate/page-model.ts';
import { finishInSlices } from '../../src/gate/slices.ts';
import {
  createRenderer,
  encodeBody,
  joinInSlices,
  PAGE_CODINGS,
  type RenderedBody,
  writeJson,
} from '../../src/http/rendering.ts';
import { HTML_TYPE, JSON_TYPE } from '../../src/pypi/negotiation.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { CLEAN } from '../fakes/fake-judge.ts';
import { fakeProjectIndex } from '../fakes/fake-project-index.ts';
import { mapCache, silentMetrics } from '../support/gate-world.ts';
import { makeStoredFile } from '../support/stored-facts.ts';

function makeModel(key: string): Promise<PageModel> {
  const file = makeStoredFile('six-1.0.tar.gz');
  const provenance = 'https://pypi.org/integrity/six/1.0/six-1.0.tar.gz/provenance';
  const facts = fakeProjectIndex().announce([{ ...file, file: { ...file.file, provenance } }]);
  return finishInSlices(
    buildPageModel({ key, facts, decisions: [{ verdict: CLEAN }], digests: new Map(), siblingOrigin: undefined }),
  );
}

function makeRenderer() {
  return createRenderer(mapCache<RenderedBody>(fakeClock()), silentMetrics);
}

describe('a page', () => {
  test('is written once per key, type and coding', async () => {
    const renderer = makeRenderer();
    const model = await makeModel('a');

    const first = await renderer.renderPage(model, JSON_TYPE, 'gzip', undefined);

    expect(await renderer.renderPage(model, JSON_TYPE, 'gzip', undefined)).toBe(first);
    expect(await renderer.renderPage(model, JSON_TYPE, 'identity', undefined)).not.toBe(first);
    expect(await renderer.renderPage(model, HTML_TYPE, 'gzip', undefined)).not.toBe(first);
    expect(await renderer.renderPage(await makeModel('b'), JSON_TYPE, 'gzip', undefined)).not.toBe(first);
  });

  test('shows attestations under our address where we have a secure one', async () => {
    const renderer = makeRenderer();
    const map = { from: 'https://pypi.org/integrity/', to: 'https://c.example/integrity/' };

    const plain = await renderer.renderPage(await makeModel('a'), JSON_TYPE, 'identity', undefined);
    const mapped = await renderer.renderPage(await makeModel('a'), JSON_TYPE, 'identity', map);

    expect(plain.body.toString()).toContain('"provenance":"https://pypi.org/integrity/six/');
    expect(mapped.body.toString()).toContain('"provenance":"https://c.example/integrity/six/');
  });
});

describe('a document', () => {
  test('is made once, until its time is over', async () => {
    const clock = fakeClock();
    const renderer = createRenderer(mapCache<RenderedBody>(clock), silentMetrics);
    let made = 0;
    const make = async () => ({ value: ++made, validUntil: clock.now() + 10 });

    await Promise.all([renderer.renderDocument('k', 'gzip', make), renderer.renderDocument('k', 'gzip', make)]);
    expect(made).toBe(1);

    clock.advance(10);
    await renderer.renderDocument('k', 'gzip', make);
    expect(made).toBe(2);
  });

  test('that does not exist is asked for each time', async () => {
    const renderer = makeRenderer();

    expect(await renderer.renderDocument('k', 'gzip', async () => undefined)).toBeUndefined();
    expect(
      await renderer.renderDocument('k', 'identity', async () => ({ value: 1, validUntil: Infinity })),
    ).toBeDefined();
  });
});

describe('codings', () => {
  const text = Buffer.from('a page '.repeat(500_000));

  test.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
    ['identity', (body: Buffer) => body],
  ] as const)('%s is read back the same', async (coding, read) => {
    const rendered = await encodeBody(text, 'text/html', coding);

    expect(read(rendered.body).equals(text)).toBe(true);
    expect(rendered.etag).toMatch(/^"[\w-]{27}"$/);
  });

  test('are offered as this Node.js can write them', async () => {
    expect(PAGE_CODINGS).toContain('gzip');
    if (PAGE_CODINGS.includes('zstd')) {
      const rendered = await encodeBody(text, 'text/html', 'zstd');
      expect(rendered.body.subarray(0, 4).toString('hex')).toBe('28b52ffd');
    } else {
      await expect(encodeBody(text, 'text/html', 'zstd')).rejects.toThrow(/cannot write zstd/);
    }
  });
});

test.each([[{}], [{ a: 1, b: undefined, c: { d: [1], e: {}, 'f"': { g: null } } }], [[1]], ['x'], [null]])(
  'a document is written in pieces as JSON.stringify writes it: %j',
  (value) => {
    expect([...writeJson(value)].join('')).toBe(JSON.stringify(value));
  },
);

test('a document that cannot be written down again is a fault of the index, not of ours', () => {
  let deep: unknown = 'the end';
  for (let level = 0; level < 100_000; level++) deep = [deep];

  expect(() => [...writeJson({ info: { deep } })]).toThrow('nested too deeply');
});

test('pieces are joined as they are, whatever their size', async () => {
  const pieces = Array.from({ length: 5_000 }, (_, index) => `${index}ö`.repeat(index % 40));

  expect((await joinInSlices(pieces)).toString()).toBe(pieces.join(''));
});
