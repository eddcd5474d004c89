import { describe, expect, test } from 'vitest';
import { type Attestation, attestationOf, findAttestationChanges } from '../../src/policy/attestations.ts';
import type { Publisher } from '../../src/pypi/provenance.ts';
import { makeStoredFile } from '../support/stored-facts.ts';
import { DAY, NOW } from './policy-facts.ts';

const OWN: Publisher = { kind: 'GitHub', repository: 'six-dev/six', workflow: 'release.yml', environment: 'pypi' };
const at = (daysAgo: number, publishers: readonly Publisher[] | undefined = [OWN]): Attestation => ({
  at: NOW - daysAgo * DAY,
  isAttested: true,
  publishers,
});
const unattested = (daysAgo: number): Attestation => ({ at: NOW - daysAgo * DAY, isAttested: false });
const scores = (own: Attestation, earlier: readonly Attestation[]): readonly (readonly [string, number])[] =>
  findAttestationChanges(own, earlier).map(({ kind, score }) => [kind, score] as const);

describe('a lost attestation', () => {
  test('counts after two attested releases', () => {
    expect(scores(unattested(0), [at(10), at(20), unattested(40)])).toEqual([['lost-provenance', 3]]);
    expect(scores(unattested(0), [at(10), unattested(20), at(40)])).toEqual([]);
    expect(scores(at(0), [at(10), at(20)])).toEqual([]);
  });

  test('still counts in the second release of who took the project over', () => {
    expect(scores(unattested(0), [unattested(2), at(40), at(60)])).toEqual([['lost-provenance', 3]]);
    expect(scores(unattested(0), [unattested(2), unattested(35), at(60), at(90)])).toEqual([]);
  });

  test('is also a document that is about other bytes', () => {
    const file = makeStoredFile('six-1.0-py3-none-any.whl');
    const named = { ...file, file: { ...file.file, provenance: 'https://index.example.invalid/p' } };

    expect(attestationOf(named, NOW, []).isAttested).toBe(false);
    expect(attestationOf(named, NOW, undefined).isAttested).toBe(true);
    expect(attestationOf(file, NOW, undefined).isAttested).toBe(false);
  });
});

describe('another publisher', () => {
  const other: Publisher = { ...OWN, repository: 'someone/six' };

  test('counts when the repository is another one', () => {
    const [change] = findAttestationChanges(at(0, [other]), [at(10), at(50)]);

    expect(change).toMatchObject({ kind: 'changed-publisher', score: 3 });
    expect(change?.message).toContain('GitHub someone/six (release.yml, environment pypi)');
    expect(change?.message).toContain('six-dev/six');
    expect(scores(at(0, [{ ...OWN, kind: 'GitLab' }]), [at(10)])).toEqual([['changed-publisher', 3]]);
  });

  test('counts a little when only the workflow or the environment is', () => {
    expect(scores(at(0, [{ ...OWN, workflow: 'other.yml' }]), [at(10)])).toEqual([['changed-publisher', 1]]);
    const bare: Publisher = { kind: 'GitHub', repository: 'six-dev/six', workflow: 'release.yml' };
    expect(scores(at(0, [bare]), [at(10)])).toEqual([['changed-publisher', 1]]);
  });

  test('is not one whose name is written in other letters, nor one that was there before', () => {
    expect(scores(at(0, [{ ...OWN, repository: 'Six-Dev/Six' }]), [at(10)])).toEqual([['changed-publisher', 1]]);
    expect(scores(at(0, [other]), [at(10), at(50, [other])])).toEqual([]);
  });

  test('still counts in the second release of who took the project over', () => {
    expect(scores(at(0, [other]), [at(2, [other]), at(40)])).toEqual([['changed-publisher', 3]]);
  });

  test('says nothing where one side is not known: a failure to read is no alarm', () => {
    expect(scores({ at: NOW, isAttested: true }, [at(10)])).toEqual([]);
    expect(scores(at(0), [{ at: NOW - 10 * DAY, isAttested: true }])).toEqual([]);
    expect(scores(at(0), [])).toEqual([]);
  });
});
