import { describe, expect, test } from 'vitest';
import {
  htmlListWriter,
  jsonListWriter,
  type ListedProject,
  type ProjectListWriter,
  parseProjectList,
} from '../../src/pypi/project-list.ts';

/** Cuts the text into pieces of `size` bytes, through characters and all. */
async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(text: string, contentType: string, size = 7): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const batch of parseProjectList(cut(text, size), contentType)) {
    names.push(...batch.map((project) => project.displayName));
  }
  return names;
}

const json = JSON.stringify({
  other: { projects: [{ name: 'not-me' }] },
  meta: { 'api-version': '1.4', note: 'projects' },
  projects: [
    { name: 'Zope.Interface', '_last-serial': 1 },
    { name: 'a"}]b', nested: { name: 'inner', list: [{ name: 'x' }] } },
    { name: 'six', text: 'größe ] } \\" ' },
    { nothing: true },
    'text',
  ],
  after: [{ name: 'nor-me' }],
});

describe('a JSON list', () => {
  test.each([1, 2, 7, 64, 100_000])('gives the same names in pieces of %i bytes', async (size) => {
    expect(await read(json, 'application/vnd.pypi.simple.v1+json', size)).toEqual(['Zope.Interface', 'six']);
  });

  test('that ends early is an error, not a short list', async () => {
    await expect(read(json.slice(0, 120), 'application/json')).rejects.toThrow(/ended early/);
  });
});

describe('an HTML list', () => {
  const html =
    '<!DOCTYPE html><html><body>\n<a href="/simple/zope-interface/">Zope.Interface</a>\n<a href="six/">six/</a><a href="?C=N">Parent Directory</a></body></html>';

  test.each([1, 5, 1000])('gives the names of its anchors in pieces of %i bytes', async (size) => {
    expect(await read(html, 'text/html', size)).toEqual(['Zope.Interface', 'six']);
  });

  test('that ends early is an error', async () => {
    await expect(read('<html><body><a href="six/">six</a>', 'text/html')).rejects.toThrow(/ended early/);
  });
});

describe('what is written', () => {
  const projects = ['Zope.Interface', 'six'].map((displayName) => ({
    displayName,
    name: displayName.toLowerCase().replace('.', '-'),
  })) as unknown as readonly ListedProject[];

  function write(writer: ProjectListWriter): string {
    return writer.head + projects.map((project, index) => writer.write(project, index === 0)).join('') + writer.tail;
  }

  test('is read back the same from both views', async () => {
    expect(await read(write(jsonListWriter), 'application/json')).toEqual(['Zope.Interface', 'six']);
    expect(await read(write(htmlListWriter), 'text/html')).toEqual(['Zope.Interface', 'six']);
    expect(write(htmlListWriter)).toContain('<a href="zope-interface/">Zope.Interface</a>');
    expect(JSON.parse(write(jsonListWriter))).toMatchObject({ meta: { 'api-version': '1.4' } });
  });
});
