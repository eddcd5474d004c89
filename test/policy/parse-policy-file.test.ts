import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePolicyFile } from '../../src/policy/parse-policy-file.ts';
import { SIX, sha256Of } from '../support/stored-facts.ts';

const problemsOf = (text: string): readonly string[] => {
  const parsed = parsePolicyFile(text, 0);
  return parsed.kind === 'ok' ? [] : parsed.problems.map(({ line, message }) => `${line}: ${message}`);
};

describe('a policy file', () => {
  test('holds entries of every kind, and rules of the cooldown', () => {
    const text = `
entries:
  - effect: deny
    project: Six
    version: "<1.16"
    final: true
    reason: known hole
    author: ada
    created: 2026-01-10
    expires: 2026-04-01T12:00Z
  - effect: allow
    project: six
    filename: six-1.0.tar.gz
    sha256: ${sha256Of('six').toUpperCase()}
    upstream: pypi
    reason: read it
cooldown:
  - project: My_Company-*
    newProjectHours: 0
`;

    const parsed = parsePolicyFile(text, 77);

    expect(parsed).toEqual({
      kind: 'ok',
      policy: {
        entries: [
          {
            id: 'file:1',
            home: 'policy-file',
            effect: 'deny',
            final: true,
            scope: { project: SIX, version: '<1.16' },
            reason: 'known hole',
            author: 'ada',
            createdAt: Date.UTC(2026, 0, 10),
            expiresAt: Date.UTC(2026, 3, 1, 12),
          },
          {
            id: 'file:2',
            home: 'policy-file',
            effect: 'allow',
            final: false,
            scope: { project: SIX, filename: 'six-1.0.tar.gz', sha256: sha256Of('six'), upstream: 'pypi' },
            reason: 'read it',
            author: 'policy file',
            createdAt: 77,
          },
        ],
        cooldown: [{ project: 'my-company-*', newProjectHours: 0, newReleaseHours: 0 }],
      },
    });
  });

  test.each(['', '# nothing yet\n', 'entries:\n', 'entries: []\ncooldown:\n'])('may say nothing: %j', (text) => {
    expect(parsePolicyFile(text, 0)).toEqual({ kind: 'ok', policy: { entries: [], cooldown: [] } });
  });

  test('what the documentation shows may be put at the end of the shipped template', () => {
    const template = readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8');

    const parsed = parsePolicyFile(`${template}entries:\n  - effect: deny\n    project: six\n    reason: x\n`, 0);

    expect(parsed).toMatchObject({ kind: 'ok', policy: { entries: [{ scope: { project: 'six' } }] } });
  });

  test('the shipped template is valid and empty', () => {
    const text = readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8');

    expect(parsePolicyFile(text, 0)).toEqual({ kind: 'ok', policy: { entries: [], cooldown: [] } });
  });

  test('the examples of the template are valid when they are uncommented', () => {
    const text = readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8');
    const uncommented = text
      .replace(/^#( {2}- |(?: {4})\w|entries:|cooldown:)/gmu, '$1')
      .replace(/^(entries|cooldown): \[\]$/gmu, '');

    const parsed = parsePolicyFile(uncommented, 0);

    expect(parsed.kind === 'broken' ? parsed.problems : []).toEqual([]);
    expect(parsed.kind === 'ok' ? parsed.policy.entries.length : 0).toBeGreaterThan(4);
  });

  test.each([
    [
      'a mistyped key',
      'entries:\n  - effect: deny\n    projet: six\n    reason: x',
      [
        '2: entries[1]: an entry needs a project, a filename, a sha256 or an upstream',
        '3: entries[1].projet: unknown key; did you mean project?',
      ],
    ],
    ['a mistyped top key', 'entrys: []', ['1: entrys: unknown key; did you mean entries?']],
    ['no reason', 'entries:\n  - effect: deny\n    project: six', ['2: entries[1].reason: is missing']],
    [
      'a version without operator',
      'entries:\n  - effect: deny\n    project: six\n    version: "1.0"\n    reason: x',
      ['4: entries[1].version: is not a version specifier such as "==1.2" or ">=1,<2"'],
    ],
    [
      'a version that YAML reads as a number',
      'entries:\n  - effect: deny\n    project: six\n    version: 1.0\n    reason: x',
      ['4: entries[1].version: must be text: put it in quotes'],
    ],
    [
      'a version of no project',
      'entries:\n  - effect: deny\n    version: "<2"\n    reason: x',
      ['3: entries[1].version: needs a project'],
    ],
    [
      'a filename of no project',
      'entries:\n  - effect: deny\n    filename: "*.whl"\n    reason: x',
      ['3: entries[1].filename: needs a project or a sha256'],
    ],
    [
      'a final allow',
      'entries:\n  - effect: allow\n    project: six\n    final: true\n    reason: x',
      ['4: entries[1].final: only a deny can be final'],
    ],
    [
      'another effect',
      'entries:\n  - effect: block\n    project: six\n    reason: x',
      ['2: entries[1].effect: must be allow or deny'],
    ],
    [
      'a local time',
      'entries:\n  - effect: deny\n    project: six\n    reason: x\n    expires: 2026-04-01T12:00',
      ['5: entries[1].expires: is not a date such as 2026-04-01, or a UTC time such as 2026-04-01T12:00Z'],
    ],
    [
      'a day that does not exist',
      'entries:\n  - effect: deny\n    project: six\n    reason: x\n    expires: 2026-02-30',
      ['5: entries[1].expires: is not a date such as 2026-04-01, or a UTC time such as 2026-04-01T12:00Z'],
    ],
    [
      'an expiry before the creation',
      'entries:\n  - effect: deny\n    project: six\n    reason: x\n    created: 2026-02-02\n    expires: 2026-02-01',
      ['6: entries[1].expires: must be later than created'],
    ],
    ['entries that are no list', 'entries: six', ['1: entries: must be a list']],
  ])('is refused for %s, with the line', (_case, text, expected) => {
    expect(problemsOf(text).toSorted()).toEqual([...expected].sort());
  });

  test('that is no YAML is refused with the line, also for a key given twice', () => {
    expect(problemsOf('entries:\n  - effect: deny\n   project: six')[0]).toMatch(/^3: /u);
    expect(problemsOf('entries:\n  - effect: deny\n    effect: allow')).toEqual([
      '3: effect is there twice in one place: keep one of them',
    ]);
    expect(problemsOf('entries: []\n\nentries:\n  - effect: deny\n')).toEqual([
      '3: entries is there twice in one place: keep one of them',
    ]);
  });

  test('that explodes by aliases is refused', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`;

    expect(problemsOf(bomb).length).toBeGreaterThan(0);
  });

  test('tells at most twenty problems', () => {
    expect(problemsOf(`entries:\n${'  - effect: x\n'.repeat(100)}`)).toHaveLength(20);
  });
});
