import { expect, test } from 'vitest';
import { REPLAYS } from './catalogue.ts';
import { original, type Release, render } from './incident.ts';

/** Reserved names (RFC 2606, RFC 6761), documentation addresses (RFC 5737), the machine itself. */
const RESERVED =
  /(?:^|\.)(?:invalid|example|example\.(?:com|org))$|^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$|^(?:localhost|127\.0\.0\.1)$/;
/**
 * Real hosts that the techniques or honest code name: an index and a messenger as fronts and bases, a forge for pinned
 * sources and for a runtime that attackers download from its own releases, schema and documentation pages.
 */
const NAMED = new Set(['github.com', 'pypi.org', 'api.telegram.org', 'discord.com']);

function hostsOf(release: Release): string[] {
  const texts = Object.values(release.files).map((content) =>
    typeof content === 'string' ? content : Buffer.from(content).toString('latin1'),
  );
  const urls = texts.flatMap((text) => text.match(/\b(?:https?|wss?):\/\/[A-Za-z0-9.-]+/g) ?? []);
  return [...new Set(urls.map((url) => url.replace(/^\w+:\/\//, '').replace(/\.+$/, '')))];
}

test('ids are unique', () => {
  const ids = REPLAYS.map((replay) => replay.id);

  expect(ids).toEqual([...new Set(ids)]);
});

test.each(REPLAYS.map((replay) => [replay.id, replay] as const))('%s names no host that exists', (_id, replay) => {
  const releases = [
    render(original(replay)),
    ...(replay.predecessor === undefined ? [] : [replay.predecessor()]),
    ...replay.lookAlikes().map((lookAlike) => lookAlike.release),
  ];

  const strangers = releases.flatMap(hostsOf).filter((host) => !RESERVED.test(host) && !NAMED.has(host));

  expect(strangers).toEqual([]);
});
