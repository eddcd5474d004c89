import { expect, test } from 'vitest';
import { MALWARE, UNSCANNED } from '../fakes/fake-judge.ts';
import { askRaw, type HttpWorld, makeHttpWorld } from '../support/http-world.ts';

const WHEEL = 'six-1.0-py3-none-any.whl';

async function askAll(world: HttpWorld, path: string) {
  const paths = ['/simple/six/', `/${path}`, `/${path}.metadata`, '/pypi/six/json', '/simple/nothing/'];
  return Promise.all(paths.map((asked) => askRaw(world.app, asked)));
}

test('11: nothing may be used again without asking, and refusals and hops are not kept at all', async () => {
  const world = makeHttpWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'x', announced: { coreMetadata: true } } });
  world.source.metadata.set(files[WHEEL]!.file.url, Buffer.from('Name: six\n'));
  world.source.documents.set('six', { info: {}, urls: [] });
  const controls = async () =>
    (await askAll(world, files[WHEEL]!.path)).map(({ status, headers }) => [status, headers['cache-control']]);
  const revalidated = 'max-age=0, must-revalidate';

  expect(await controls()).toEqual([
    [200, revalidated],
    [200, `private, ${revalidated}`],
    [200, revalidated],
    [200, revalidated],
    [404, 'no-store'],
  ]);

  world.judge.set(WHEEL, MALWARE);
  expect((await controls()).slice(1, 3)).toEqual([
    [403, 'no-store'],
    [403, 'no-store'],
  ]);

  world.judge.set(WHEEL, UNSCANNED);
  await world.blobs.remove(files[WHEEL]!.sha256!);
  expect((await controls())[1]).toEqual([307, 'no-store']);
});
