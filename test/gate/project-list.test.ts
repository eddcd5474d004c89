import { expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import { openProjectList } from '../../src/gate/project-list.ts';
import type { ProjectName, UpstreamId } from '../../src/pypi/model.ts';
import { fakeIndexSource } from '../fakes/fake-index-source.ts';
import { fakeProjectIndex } from '../fakes/fake-project-index.ts';

const MINE = 'mine' as UpstreamId;
const PYPI = 'pypi' as UpstreamId;

async function list(
  texts: Readonly<Record<string, string | undefined>>,
  owners: Readonly<Record<string, readonly UpstreamId[]>> = {},
) {
  const sources = Object.entries(texts).map(([id, text]) => {
    const source = fakeIndexSource(id);
    if (text === undefined) source.fetchProjectList = () => Promise.reject(new CordonError('NOT_FOUND', 'no list'));
    else source.list = { contentType: 'application/vnd.pypi.simple.v1+json', text };
    return source;
  });
  const index = fakeProjectIndex();
  index.findUpstreams = (project) => owners[project] ?? [MINE, PYPI];
  const deps = { index, findSource: (id: UpstreamId) => sources.find((source) => source.id === id) };
  const names: ProjectName[] = [];
  for await (const batch of openProjectList([MINE, PYPI], new AbortController().signal, deps)) {
    names.push(...batch.map(({ name }) => name));
  }
  return names;
}

test('is the union of the lists, each name once', async () => {
  const mine = '{"projects":[{"name":"Acme.SDK"},{"name":"six"}]}';
  const pypi = '{"projects":[{"name":"six"},{"name":"acme-sdk"},{"name":"requests"}]}';

  expect(await list({ mine, pypi })).toEqual(['acme-sdk', 'six', 'requests']);
});

test('never shows a private name from a public list', async () => {
  const pypi = '{"projects":[{"name":"acme-secret"},{"name":"six"}]}';

  expect(await list({ mine: '{"projects":[]}', pypi }, { 'acme-secret': [MINE] })).toEqual(['six']);
});

test('passes over an index that has no list, and is absent when none has', async () => {
  const pypi = '{"projects":[{"name":"six"}]}';

  expect(await list({ mine: undefined, pypi })).toEqual(['six']);
  await expect(list({ mine: undefined, pypi: undefined })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('is a failure when one list ends early', async () => {
  await expect(list({ mine: '{"projects":[{"name":"a"}', pypi: '{"projects":[]}' })).rejects.toThrow(/ended early/);
});
