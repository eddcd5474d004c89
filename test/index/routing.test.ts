import { expect, test } from 'vitest';
import { findRoutes, matchesName, type UpstreamRoute } from '../../src/index/routing.ts';
import type { ProjectName } from '../../src/pypi/model.ts';

const route = (id: string, ...projects: string[]): UpstreamRoute => ({
  source: { id } as UpstreamRoute['source'],
  url: `https://${id}.example/simple/`,
  projects,
});

test.each([
  ['*', 'six', true],
  ['six', 'six', true],
  ['six', 'sixty', false],
  ['acme-*', 'acme-sdk', true],
  ['acme-*', 'acme', false],
  ['Acme_*', 'acme-sdk', true],
  ['acme.*', 'acme-sdk', true],
  ['*-internal', 'tool-internal', true],
  ['*-internal', 'internal', false],
  ['a*b*c', 'axbyc', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['a*a*a', 'aa', false],
])('the pattern %s and the name %s: %s', (pattern, project, expected) => {
  expect(matchesName(pattern, project as ProjectName)).toBe(expected);
});

test('upstreams are asked in the order of the configuration, and only for names that fit', () => {
  const routes = [route('inner', 'acme-*'), route('torch', 'torch', 'torchvision'), route('pypi', '*')];
  const ids = (project: string): string[] =>
    findRoutes(project as ProjectName, routes, []).map((each) => String(each.source.id));

  expect(ids('acme-sdk')).toEqual(['inner', 'pypi']);
  expect(ids('torch')).toEqual(['torch', 'pypi']);
  expect(ids('six')).toEqual(['pypi']);
});

test('a private name is never asked of a public catch-all, even when nobody else has it', () => {
  const routes = [route('inner', 'acme-*'), route('pypi', '*')];
  const ids = (project: string): string[] =>
    findRoutes(project as ProjectName, routes, ['acme-*', 'secret']).map((each) => String(each.source.id));

  expect(ids('acme-sdk')).toEqual(['inner']);
  expect(ids('secret')).toEqual([]);
  expect(ids('six')).toEqual(['pypi']);
});
