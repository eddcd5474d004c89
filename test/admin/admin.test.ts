import { describe, expect, test } from 'vitest';
import { answerAdmin } from '../../src/admin/admin.ts';
import type { AdminDeps } from '../../src/admin/admin-deps.ts';
import type { AdminAnswer } from '../../src/admin/admin-request.ts';
import type { AddedEntry } from '../../src/admin/entries.ts';
import type { Explanation } from '../../src/admin/explain.ts';
import type { ServerStatus } from '../../src/admin/status.ts';
import type { PolicyEntry } from '../../src/policy/entry.ts';
import type { StoredEvent } from '../../src/ports/decision-store.ts';
import { makeAccess, makeStoredFile, sha256Of } from '../support/stored-facts.ts';
import { ask, openHarness } from './support.ts';

const WHEEL = 'six-1.0-py3-none-any.whl';

test('the id of a refusal, or the address of its page, explains that very file', async () => {
  const { deps, store } = await openHarness([makeStoredFile(WHEEL), makeStoredFile('six-1.0.tar.gz')]);
  const id = await store.explanations.getId(makeStoredFile(WHEEL).key);

  for (const subject of [id, `https://pypi.example.com/cordon/b/${id}`]) {
    const { value } = await answerAdmin(ask('GET', 'decisions', { query: { subject } }), deps);

    expect((value as Explanation).files.map(({ filename }) => filename)).toEqual([WHEEL]);
  }
});

describe('entries', () => {
  test('a denied project is an entry with author, reason and event', async () => {
    const { deps } = await openHarness();

    const added = await answerAdmin(
      ask('POST', 'entries', { body: { effect: 'deny', project: 'Six', reason: 'a test' } }),
      deps,
    );

    expect(added.status).toBe(201);
    expect(added.value).toMatchObject({
      effect: 'deny',
      scope: { project: 'six' },
      author: 'ada',
      reason: 'a test',
    });
    const events = (await answerAdmin(ask('GET', 'events'), deps)).value as readonly StoredEvent[];
    expect(events.map((event) => [event.kind, event.actor])).toContainEqual(['entry-added', 'cli:ada']);
  });

  describe('the same entry again', () => {
    const six = { effect: 'deny', project: 'six', version: '>=1,<2', reason: 'a test' };
    const add = async (deps: AdminDeps, body: object): Promise<AdminAnswer & { readonly value: AddedEntry }> => {
      const { status, value } = await answerAdmin(ask('POST', 'entries', { body }), deps);
      return { status, value: value as AddedEntry };
    };
    const count = async (deps: AdminDeps): Promise<readonly [number, number]> => [
      ((await answerAdmin(ask('GET', 'entries'), deps)).value as readonly unknown[]).length,
      ((await answerAdmin(ask('GET', 'events'), deps)).value as readonly unknown[]).length,
    ];

    test.each([
      ['with other words', { project: 'Six', version: '>=1, <2', reason: 'another reason' }],
      ['with an end, where the first has none', { expiresAt: Number.MAX_SAFE_INTEGER }],
    ])('%s writes nothing, and gives the one that is there', async (_case, change) => {
      const { deps } = await openHarness();
      const first = await add(deps, six);
      const before = await count(deps);

      const second = await add(deps, { ...six, ...change });

      expect(first).toMatchObject({ status: 201, value: { wasThere: false } });
      expect(second).toEqual({ status: 200, value: { ...first.value, wasThere: true } });
      expect(await count(deps)).toEqual(before);
    });

    test('posted twice at the same moment it is written once, and one of the two is told so', async () => {
      const { deps } = await openHarness();

      const answers = await Promise.all([add(deps, six), add(deps, six)]);

      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 201]);
      expect(new Set(answers.map(({ value }) => value.id)).size).toBe(1);
      expect(await count(deps)).toEqual([1, 1]);
    });

    test.each([
      ['of the other effect', { effect: 'allow' }],
      ['that is final', { final: true }],
      ['for other versions', { version: '>=1,<3' }],
      ['for one upstream', { upstream: 'pypi' }],
    ])('an entry %s is another one', async (_case, change) => {
      const { deps } = await openHarness();
      await add(deps, six);

      expect(await add(deps, { ...six, ...change })).toMatchObject({ status: 201, value: { wasThere: false } });
    });

    test('one that ends later, or comes after the end of the first, is written', async () => {
      const { deps, clock } = await openHarness();
      const until = (ms: number): object => ({ ...six, expiresAt: clock.now() + ms });
      await add(deps, until(1_000));

      expect(await add(deps, until(500))).toMatchObject({ status: 200 });
      expect(await add(deps, until(2_000))).toMatchObject({ status: 201 });
      clock.advance(3_000);
      expect(await add(deps, until(500))).toMatchObject({ status: 201 });
    });
  });

  test('what is stronger than a new entry is named with it', async () => {
    const { deps, clock } = await openHarness();
    const add = async (body: object): Promise<readonly (string | undefined)[]> => {
      const { value } = await answerAdmin(ask('POST', 'entries', { body: { reason: 'x', ...body } }), deps);
      return (value as AddedEntry).stronger.map(
        ({ effect, scope }) => `${effect} ${scope.project}${scope.version ?? ''}`,
      );
    };
    await add({ effect: 'deny', project: 'other' });
    await add({ effect: 'deny', project: 'six', version: '<1', expiresAt: clock.now() + 1 });
    clock.advance(2);

    expect(await add({ effect: 'deny', project: 'six' })).toEqual([]);
    expect(await add({ effect: 'allow', project: 'six' })).toEqual(['deny six']);
    expect(await add({ effect: 'allow', project: 'six', version: '==1.0' })).toEqual([]);
    expect(await add({ effect: 'deny', project: 'six', version: '<2' })).toEqual(['allow six==1.0']);
  });

  test('what cannot be counted is a mistake of the client', async () => {
    const { deps } = await openHarness();

    for (const limit of ['0', '-1', '1.5', 'x']) {
      const asking = answerAdmin(ask('GET', 'clients', { query: { subject: 'six', limit } }), deps);
      await expect(asking).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  test('the list shows it, and says when it is over', async () => {
    const { deps, clock } = await openHarness();
    const expiresAt = clock.now() + 1000;
    await answerAdmin(
      ask('POST', 'entries', { body: { effect: 'deny', project: 'six', reason: 'x', expiresAt } }),
      deps,
    );

    clock.advance(2000);
    const listed = (await answerAdmin(ask('GET', 'entries'), deps)).value;

    expect(listed).toMatchObject([{ scope: { project: 'six' }, isExpired: true }]);
  });

  test('a removed entry is gone, and removing it again is an error', async () => {
    const { deps } = await openHarness();
    const added = await answerAdmin(
      ask('POST', 'entries', { body: { effect: 'deny', project: 'six', reason: 'x' } }),
      deps,
    );
    const { id } = added.value as PolicyEntry;

    await answerAdmin(ask('DELETE', `entries/${id}`), deps);

    expect((await answerAdmin(ask('GET', 'entries'), deps)).value).toEqual([]);
    await expect(answerAdmin(ask('DELETE', `entries/${id}`), deps)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a waiver keeps project, filename and digest', async () => {
    const { deps } = await openHarness([makeStoredFile(WHEEL)]);

    const added = await answerAdmin(
      ask('POST', 'entries', {
        body: { effect: 'allow', filename: WHEEL, sha256: sha256Of(WHEEL), reason: 'read it' },
      }),
      deps,
    );

    expect((added.value as PolicyEntry).scope).toEqual({ project: 'six', filename: WHEEL, sha256: sha256Of(WHEEL) });
  });

  test.each([
    ['nothing is named', { effect: 'deny', reason: 'x' }, 'name a project'],
    ['no reason is given', { effect: 'deny', project: 'six', reason: '  ' }, 'reason'],
    ['the upstream is unknown', { effect: 'deny', upstream: 'nope', reason: 'x' }, 'no upstream nope; there is pypi'],
    ['a key is misspelt', { effect: 'deny', projekt: 'six', reason: 'x' }, 'projekt'],
    ['the name is impossible', { effect: 'deny', project: '../six', reason: 'x' }, 'not a project name'],
    [
      'the version is no specifier',
      { effect: 'deny', project: 'six', version: '1.x', reason: 'x' },
      'version specifier',
    ],
    ['an allow is final', { effect: 'allow', project: 'six', final: true, reason: 'x' }, 'only a deny'],
    ['it is over already', { effect: 'deny', project: 'six', expiresAt: 5, reason: 'x' }, 'past'],
    ['a waiver has no digest', { effect: 'allow', filename: WHEEL, reason: 'x' }, `--sha256 ${sha256Of(WHEEL)}`],
    [
      'a waiver has another digest',
      { effect: 'allow', filename: WHEEL, sha256: sha256Of('b'), reason: 'x' },
      'is known with',
    ],
  ])('an entry is not taken when %s', async (_, body, message) => {
    const { deps, store } = await openHarness([makeStoredFile(WHEEL)]);

    const adding = answerAdmin(ask('POST', 'entries', { body }), deps);

    await expect(adding).rejects.toThrow(message);
    await expect(adding).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await store.policy.listEntries()).toEqual([]);
  });
});

describe('decisions', () => {
  const refused = { verdict: { kind: 'refuse', reason: 'malware', detail: 'it does harm' } } as const;
  const files = [makeStoredFile(WHEEL), makeStoredFile('six-1.0.tar.gz'), makeStoredFile('six-2.0.tar.gz')];

  test.each([
    ['a project', 'Six', [WHEEL, 'six-1.0.tar.gz', 'six-2.0.tar.gz']],
    ['a release', 'six==2.0', ['six-2.0.tar.gz']],
    ['a range', 'six<2', [WHEEL, 'six-1.0.tar.gz']],
    ['a filename', WHEEL, [WHEEL]],
    ['a URL of a file', `http://127.0.0.1:8080/packages/pypi/${WHEEL}#sha256=00`, [WHEEL]],
    ['a digest', sha256Of('six-2.0.tar.gz'), ['six-2.0.tar.gz']],
  ])('%s means its files', async (_, subject, expected) => {
    const { deps, verdicts } = await openHarness(files);
    verdicts.set('six-2.0.tar.gz', refused);

    const { value } = await answerAdmin(ask('GET', 'decisions', { query: { subject } }), deps);

    const explained = (value as Explanation).files;
    expect(explained.map((file) => file.filename).sort()).toEqual([...expected].sort());
    expect(explained.find((file) => file.filename === 'six-2.0.tar.gz')?.verdict.kind ?? 'refuse').toBe('refuse');
  });

  test('of a project the newest release comes last, by version and not by name', async () => {
    const names = [
      'six-1.10.tar.gz',
      'six-1.9.tar.gz',
      'six-1.9-py3-none-any.whl',
      'six-2.0rc1.tar.gz',
      'six-2.0.tar.gz',
    ];
    const versioned = names.map((name) =>
      makeStoredFile(name, { version: /-([^-]+?)(?:\.tar\.gz|-py3)/u.exec(name)?.[1] ?? '' }),
    );
    const { deps } = await openHarness(versioned);

    const { value } = await answerAdmin(ask('GET', 'decisions', { query: { subject: 'six' } }), deps);

    expect((value as Explanation).files.map((file) => file.filename)).toEqual([
      'six-1.9-py3-none-any.whl',
      'six-1.9.tar.gz',
      'six-1.10.tar.gz',
      'six-2.0rc1.tar.gz',
      'six-2.0.tar.gz',
    ]);
  });

  test('what nobody has is not found', async () => {
    const { deps } = await openHarness();

    await expect(answerAdmin(ask('GET', 'decisions', { query: { subject: 'nothing' } }), deps)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('what is no subject at all is a bad request', async () => {
    const { deps } = await openHarness();

    await expect(answerAdmin(ask('GET', 'decisions', { query: { subject: '' } }), deps)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});

describe('clients', () => {
  test('who got a file, by project, filename and digest', async () => {
    const { deps, store } = await openHarness();
    await store.access.record([makeAccess({ filename: WHEEL, sha256: sha256Of(WHEEL), client: '10.0.0.7' })]);

    for (const subject of ['six', WHEEL, sha256Of(WHEEL)]) {
      const { value } = await answerAdmin(ask('GET', 'clients', { query: { subject } }), deps);
      expect(value).toMatchObject([{ client: '10.0.0.7' }]);
    }
  });
});

describe('verification', () => {
  test('a blob with other bytes is named, and removed when asked', async () => {
    const { deps, blobs, store } = await openHarness();
    blobs.set(sha256Of('good'), Buffer.from('good'));
    blobs.set(sha256Of('bad'), Buffer.from('worse'));

    const found = (await answerAdmin(ask('POST', 'verify'), deps)).value;
    const repaired = (await answerAdmin(ask('POST', 'verify', { query: { repair: '1' } }), deps)).value;

    expect(found).toMatchObject({ blobs: 2, bytes: 9, broken: [sha256Of('bad')] });
    expect(repaired).toMatchObject({ broken: [sha256Of('bad')] });
    expect([...blobs.keys()]).toEqual([sha256Of('good')]);
    expect((await store.events.list({ limit: 10 })).map((event) => event.kind)).toContain('blob-broken');
  });
});

describe('status', () => {
  test('what an install waited for is remembered for an hour', async () => {
    const { deps, clock } = await openHarness();
    deps.slow.note(makeAccess({ at: clock.now(), filename: WHEEL, holdMs: 12_000, fetchMs: 9000, scanMs: 2500 }));
    deps.slow.note(makeAccess({ at: clock.now(), filename: 'quick-1.0.tar.gz' }));

    const { value } = await answerAdmin(ask('GET', 'status'), deps);
    clock.advance(3_700_000);
    const later = await answerAdmin(ask('GET', 'status'), deps);

    expect((value as ServerStatus).slow).toMatchObject([{ filename: WHEEL, holdMs: 12_000 }]);
    expect((later.value as ServerStatus).slow).toEqual([]);
  });
});

describe('the edges of the API', () => {
  test.each([
    ['GET', 'nothing', 'NOT_FOUND'],
    ['PUT', 'entries', 'METHOD'],
    ['GET', 'entries/a/b', 'METHOD'],
    ['GET', '__proto__', 'NOT_FOUND'],
  ])('%s %s is %s', async (method, path, code) => {
    const { deps } = await openHarness();

    await expect(answerAdmin(ask(method, path), deps)).rejects.toMatchObject({ code });
  });

  test('a feed is imported from this machine alone', async () => {
    const { deps } = await openHarness();
    const body = { file: '/etc/shadow' };

    await expect(answerAdmin(ask('POST', 'feeds/import', { body, isLocal: false }), deps)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await answerAdmin(ask('POST', 'feeds/import', { body }), deps)).value).toEqual({ records: 3 });
  });
});
