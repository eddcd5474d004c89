import { describe, expect, test } from 'vitest';
import type { AdminQuestion } from '../../src/commands/admin-client.ts';
import { addAllowCommand, addDenyCommand } from '../../src/commands/allow.ts';
import { parseExpiry } from '../../src/commands/command.ts';
import { addListCommand, addRemoveCommand } from '../../src/commands/list.ts';
import { makeEntry, sha256Of } from '../support/stored-facts.ts';
import { runCommand } from './support.ts';

describe('cordon deny', () => {
  test('a project and its versions become an entry', async () => {
    const ran = await runCommand(addDenyCommand, ['deny', 'six>=1.0,<2', '--reason', 'why not'], {
      answer: () => makeEntry(),
    });

    expect(ran.exitCode).toBe(0);
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: ['entries'],
        body: { effect: 'deny', project: 'six', version: '>=1.0,<2', reason: 'why not' },
      },
    ]);
    expect(ran.text).toContain('in force at the next request');
  });

  test('it may be final, and needs no reason', async () => {
    const ran = await runCommand(addDenyCommand, ['deny', 'six', '--final'], { answer: () => makeEntry() });

    expect(ran.asked[0]?.body).toMatchObject({ final: true, reason: 'no reason was given' });
  });
});

test.each([
  ['a runtime entry', { id: 'e1' }, 'To change it: cordon remove e1, then again'],
  ['one of the policy file', { id: 'file:2', home: 'policy-file' as const }, 'it stands in the policy file'],
])('%s that is there already is named, with how to change it', async (_case, change, advice) => {
  const entry = {
    ...makeEntry({ effect: 'deny', reason: 'the first reason', ...change }),
    wasThere: true,
    stronger: [],
  };

  const ran = await runCommand(addDenyCommand, ['deny', 'six'], { answer: () => entry });

  expect(ran.exitCode).toBe(0);
  expect(ran.text).toContain('is there already');
  expect(ran.text).toContain('the first reason');
  expect(ran.text).toContain('nothing was written');
  expect(ran.text).toContain(advice);
});

test('an allow that a deny is stronger than says so, and how to lift it', async () => {
  const deny = makeEntry({ id: 'd1', effect: 'deny' });
  const ofFile = makeEntry({ id: 'file:1', home: 'policy-file', effect: 'deny' });
  const entry = { ...makeEntry({ effect: 'allow' }), wasThere: false, stronger: [deny, ofFile] };

  const ran = await runCommand(addAllowCommand, ['allow', 'six', '--reason', 'x'], { answer: () => entry });

  expect(ran.exitCode).toBe(0);
  expect(ran.text).toContain(
    'deny six (entry d1) is stronger and decides where both apply; to lift it: cordon remove d1',
  );
  expect(ran.text).toContain('(entry file:1) is stronger and decides where both apply; it stands in the policy file');
});

describe('what is no project', () => {
  const digest = sha256Of('a');

  test.each([
    ['six-1.0-py3-none-any.whl', '--file six-1.0-py3-none-any.whl'],
    ['/tmp/downloads/six-1.0.tar.gz', '--file six-1.0.tar.gz'],
    ['http://127.0.0.1:8080/packages/aa/six-1.0.zip#sha256=00', '--file six-1.0.zip'],
    [digest, `--sha256 ${digest}`],
    ['http://127.0.0.1:8080/b/abcdefghjkmnpq', 'cordon explain'],
  ])('%s is not taken for one, and the option for it is named', async (target, option) => {
    const ran = await runCommand(addDenyCommand, ['deny', target]);

    expect(ran.exitCode).toBe(2);
    expect(String(ran.failure)).toContain(option);
    expect(ran.asked).toEqual([]);
  });
});

describe('cordon allow', () => {
  test('a waiver names file, digest, reason and end', async () => {
    const sha256 = sha256Of('a');
    const args = [
      'allow',
      '--file',
      'six-1.0.tar.gz',
      '--sha256',
      sha256,
      '--reason',
      'read it',
      '--expires',
      '2999-01-01',
    ];

    const ran = await runCommand(addAllowCommand, args, { answer: () => makeEntry({ effect: 'allow' }) });

    expect(ran.asked[0]?.body).toMatchObject({
      effect: 'allow',
      filename: 'six-1.0.tar.gz',
      sha256,
      expiresAt: Date.UTC(2999, 0, 1),
    });
  });

  test('without a reason nothing is sent', async () => {
    const ran = await runCommand(addAllowCommand, ['allow', 'six']);

    expect(ran.exitCode).toBe(2);
    expect(ran.asked).toEqual([]);
    expect(String(ran.failure)).toContain('--reason');
  });

  test('what an entry for a project does not do is said', async () => {
    const answer = () => makeEntry({ effect: 'allow' });

    const ran = await runCommand(addAllowCommand, ['allow', 'six', '--reason', 'x'], { answer });

    expect(ran.text).toContain('does not override malware');
  });
});

describe('cordon list', () => {
  const entries = [
    { ...makeEntry({ reason: 'red\u001b[31m\u202etxt' }), isExpired: false },
    { ...makeEntry({ id: 'file:0', home: 'policy-file', effect: 'allow', expiresAt: 0 }), isExpired: true },
  ];

  test('entries are a table, hostile text shown and not obeyed', async () => {
    const { text, exitCode } = await runCommand(addListCommand, ['list'], { answer: () => entries });

    expect(exitCode).toBe(0);
    expect(text).toMatch(/entry-1\s+deny\s+six/);
    expect(text).toContain('(over)');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
  });

  test('as JSON it is the answer, unchanged', async () => {
    const { text } = await runCommand(addListCommand, ['list', 'six', '--json'], { answer: () => entries });

    expect(JSON.parse(text)).toEqual(entries);
  });
});

test('cordon list says that the policy file on disk is not in force', async () => {
  const answer = ({ path }: AdminQuestion): unknown =>
    path[0] === 'status' ? { policy: { problem: 'policy.yaml:60: entries is there twice' } } : [];

  const shown = await runCommand(addListCommand, ['list'], { answer });
  const json = await runCommand(addListCommand, ['list', '--json'], { answer });

  expect(shown.text).toContain('There are no entries.');
  expect(shown.text).toContain('not in force: policy.yaml:60: entries is there twice');
  expect(JSON.parse(json.text)).toEqual([]);
});

test('cordon remove asks for the entry by its id', async () => {
  const ran = await runCommand(addRemoveCommand, ['remove', 'entry-1', '--reason', 'over'], {
    answer: () => makeEntry(),
  });

  expect(ran.asked).toEqual([{ method: 'DELETE', path: ['entries', 'entry-1'], query: { reason: 'over' } }]);
  expect(ran.text).toContain('removed deny six');
});

describe('an expiry', () => {
  const now = Date.UTC(2026, 0, 1);

  test.each([
    ['14d', now + 14 * 86_400_000],
    ['12h', now + 12 * 3_600_000],
    ['2w', now + 14 * 86_400_000],
    ['2026-02-01', Date.UTC(2026, 1, 1)],
    ['2026-02-01T10:00:00Z', Date.UTC(2026, 1, 1, 10)],
  ])('%s', (text, expected) => {
    expect(parseExpiry(text, now)).toBe(expected);
  });

  test.each(['soon', '14', 'd', '-1d', '2026-13-01', '2026-02-30', '2026-02-01T10:00:00'])('%s is refused', (text) => {
    expect(() => parseExpiry(text, now)).toThrow('14d');
  });
});
