import { describe, expect, test } from 'vitest';
import { serveProjectJson } from '../../src/gate/json-api.ts';
import { coolingDown, MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { type FileSpec, type GateWorld, makeGateWorld } from '../support/gate-world.ts';
import { makeStoredFile, SIX } from '../support/stored-facts.ts';

const BASE = 'https://cordon.example/x';
const REASON = 'Blocked by Cordon: six 2.0: setup.py downloads a program and runs it';

function entry(filename: string): Record<string, unknown> {
  return { filename, url: makeStoredFile(filename).file.url, yanked: false, yanked_reason: null, packagetype: 'sdist' };
}

async function ask(world: GateWorld, version?: string) {
  const answer = await serveProjectJson(SIX, version, world.deps);
  if (answer.kind !== 'document') throw new Error(answer.kind);
  return answer;
}

async function load(world: GateWorld, version?: string): Promise<unknown> {
  return (await (await ask(world, version)).load(BASE))?.value;
}

test('addresses that are relative are those of the document that answered', async () => {
  const world = makeGateWorld();
  const files = await world.announce({ 'six-1.0.tar.gz': {} });
  const { url } = files['six-1.0.tar.gz']!.file;
  world.source.fetchProjectJson = () =>
    Promise.resolve({
      url: new URL('/mirror/pypi/six/json', url).href,
      document: {
        info: { version: '1.0' },
        urls: [{ ...entry('six-1.0.tar.gz'), url: `../../..${new URL(url).pathname}` }],
      },
    });

  expect(await load(world)).toMatchObject({ urls: [{ url: `${BASE}/${files['six-1.0.tar.gz']!.path}` }] });
});

async function makeWorld() {
  const world = makeGateWorld();
  const files = await world.announce({
    'six-1.0.tar.gz': {},
    'six-2.0.tar.gz': { verdict: MALWARE },
    'six-3.0.tar.gz': { verdict: coolingDown(world.clock.now() + 5) },
    'six-4.0.tar.gz': { verdict: UNSCANNED },
  });
  return { world, files };
}

describe('the document of a project whose newest release is not served', () => {
  const document = {
    info: { name: 'six', version: '2.0', summary: 'of 2.0' },
    releases: { '1.0': [entry('six-1.0.tar.gz')], '2.0': [entry('six-2.0.tar.gz')], '3.0': [entry('six-3.0.tar.gz')] },
    urls: [entry('six-2.0.tar.gz')],
    vulnerabilities: [{ id: 'of 2.0' }],
    ownership: 'of all',
  };
  const older = {
    info: { name: 'six', version: '1.0', summary: 'of 1.0' },
    urls: [entry('six-1.0.tar.gz')],
    vulnerabilities: [],
    last_serial: 9,
  };

  async function makeFallbackWorld(specs: Record<string, FileSpec>) {
    const world = makeGateWorld();
    const files = await world.announce(specs);
    world.source.documents.set('six', document);
    world.source.documents.set('six/1.0', older);
    return { world, files };
  }

  test.each([
    ['refused', MALWARE],
    ['held', coolingDown(9e15)],
  ])('describes the one that an installer takes instead where that release is %s', async (_case, verdict) => {
    const { world, files } = await makeFallbackWorld({
      'six-0.9.tar.gz': {},
      'six-1.0.tar.gz': {},
      'six-1.5rc1.tar.gz': {},
      'six-2.0.tar.gz': { verdict },
    });

    expect(await load(world)).toMatchObject({
      info: { version: '1.0', summary: 'of 1.0' },
      urls: [{ filename: 'six-1.0.tar.gz', url: `${BASE}/${files['six-1.0.tar.gz']!.path}` }],
      vulnerabilities: [],
      ownership: 'of all',
      releases: { '1.0': [{}] },
    });
    expect(await load(world)).not.toHaveProperty('last_serial');
  });

  test('stays with it while one of its files is served', async () => {
    const { world } = await makeFallbackWorld({
      'six-1.0.tar.gz': {},
      'six-2.0.tar.gz': { verdict: MALWARE },
      'six-2.0-py3-none-any.whl': { verdict: UNSCANNED },
    });

    expect(await load(world)).toMatchObject({ info: { version: '2.0', summary: 'of 2.0' } });
    expect(world.source.asked).toEqual(['six']);
  });

  test('gives of the other one what the list of releases has, where the index has no document of it', async () => {
    const { world } = await makeFallbackWorld({ 'six-1.0.tar.gz': {}, 'six-2.0.tar.gz': { verdict: MALWARE } });
    world.source.documents.delete('six/1.0');
    const info = {
      ...document.info,
      requires_dist: ['bad'],
      project_urls: { Homepage: 'https://bad.invalid' },
      yanked: false,
      package_url: 'https://pypi.org/project/six/',
      requires_python: '>=9',
    };
    const releases = { ...document.releases, '1.0': [{ ...entry('six-1.0.tar.gz'), requires_python: '>=3' }] };
    world.source.documents.set('six', { ...document, info, releases });

    expect(await load(world)).toMatchObject({
      info: {
        name: 'six',
        version: '1.0',
        summary: '',
        requires_dist: [],
        project_urls: null,
        yanked: false,
        package_url: 'https://pypi.org/project/six/',
        requires_python: '>=3',
      },
      urls: [{ filename: 'six-1.0.tar.gz' }],
    });
    expect(JSON.stringify(await load(world))).not.toContain('vulnerabilities');
  });

  test('says that it is refused where nothing else is served, or nothing is known of the other', async () => {
    const alone = await makeFallbackWorld({ 'six-2.0.tar.gz': { verdict: MALWARE } });
    const undescribed = await makeFallbackWorld({ 'six-0.9.tar.gz': {}, 'six-2.0.tar.gz': { verdict: MALWARE } });

    for (const { world } of [alone, undescribed]) {
      expect(await load(world)).toMatchObject({ info: { version: '2.0', yanked: true, yanked_reason: REASON } });
    }
    expect(undescribed.world.source.asked).toEqual(['six', 'six/0.9']);
  });
});

test('releases and urls are filtered and addressed like the project page', async () => {
  const { world, files } = await makeWorld();
  world.source.documents.set('six', {
    info: { name: 'six', version: '2.0', yanked: false },
    last_serial: 9,
    releases: {
      '0.1': [],
      '1.0': [entry('six-1.0.tar.gz')],
      '2.0': [entry('six-2.0.tar.gz')],
      '3.0': [entry('six-3.0.tar.gz')],
      '5.0': [entry('six-5.0.tar.gz'), { broken: true }],
    },
    urls: [entry('six-2.0.tar.gz')],
    vulnerabilities: [{ id: 'X' }],
  });

  const refused = {
    ...entry('six-2.0.tar.gz'),
    url: `${BASE}/packages/refused/${files['six-2.0.tar.gz']!.key}-malware/six-2.0.tar.gz`,
    yanked: true,
    yanked_reason: REASON,
  };
  expect(await load(world)).toEqual({
    info: { name: 'six', version: '2.0', yanked: true, yanked_reason: REASON },
    releases: {
      '0.1': [],
      '1.0': [{ ...entry('six-1.0.tar.gz'), url: `${BASE}/${files['six-1.0.tar.gz']!.path}` }],
      '2.0': [refused],
    },
    urls: [refused],
    vulnerabilities: [{ id: 'X' }],
  });
});

test('a version of which every file is hidden is not there', async () => {
  const { world } = await makeWorld();
  world.source.documents.set('six/3.0', { info: { version: '3.0' }, urls: [entry('six-3.0.tar.gz')] });
  world.source.documents.set('six/4.0', { info: { version: '4.0' }, urls: [entry('six-4.0.tar.gz')] });

  expect(await load(world, '3.0')).toBeUndefined();
  expect(await load(world, '4.0')).toMatchObject({ info: { version: '4.0' }, urls: [{ filename: 'six-4.0.tar.gz' }] });
});

test('what the upstream does not have, or what is no such document, is not there', async () => {
  const { world } = await makeWorld();

  expect(await load(world)).toBeUndefined();

  world.source.documents.set('six', { info: 'no' });
  expect(await load(world)).toBeUndefined();
});

test('the key changes with a verdict, and names the version', async () => {
  const { world } = await makeWorld();
  const { key } = await ask(world);

  expect((await ask(world, '1.0')).key).not.toBe(key);

  world.judge.set('six-1.0.tar.gz', MALWARE);
  expect((await ask(world)).key).not.toBe(key);
});
