import { describe, expect, test } from 'vitest';
import { isSameOwner, parseProvenance } from '../../src/pypi/provenance.ts';

const SHA256 = 'ab'.repeat(32);
const statementOf = (sha256: string): string =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'six-1.0-py3-none-any.whl', digest: { sha256 } }],
      predicateType: 'https://docs.pypi.org/attestations/publish/v1',
      predicate: null,
    }),
  ).toString('base64');
const bundle = (publisher: Readonly<Record<string, unknown>>, sha256 = SHA256): unknown => ({
  publisher,
  attestations: [
    { version: 1, envelope: { signature: 'c2ln', statement: statementOf(sha256) }, verification_material: {} },
  ],
});
const documentOf = (...bundles: readonly unknown[]): unknown => ({ version: 1, attestation_bundles: bundles });

describe('a provenance document', () => {
  test('names the publisher, as the index recorded it', () => {
    const publisher = {
      kind: 'GitHub',
      claims: null,
      repository: 'six-dev/six',
      workflow: 'release.yml',
      environment: 'pypi',
    };

    expect(parseProvenance(documentOf(bundle(publisher)), SHA256)).toEqual([
      { kind: 'GitHub', repository: 'six-dev/six', workflow: 'release.yml', environment: 'pypi' },
    ]);
  });

  test('of other kinds names what stands for the repository and the workflow there', () => {
    const gitlab = { kind: 'GitLab', repository: 'six/six', workflow_filepath: '.gitlab-ci.yml', environment: null };
    const google = { kind: 'Google', email: 'build@six.example.invalid' };

    expect(parseProvenance(documentOf(bundle(gitlab), bundle(google)), SHA256)).toEqual([
      { kind: 'GitLab', repository: 'six/six', workflow: '.gitlab-ci.yml' },
      { kind: 'Google', repository: 'build@six.example.invalid' },
    ]);
  });

  test('that is about other bytes attests nothing', () => {
    expect(parseProvenance(documentOf(bundle({ kind: 'GitHub', repository: 'a/b' }, 'cd'.repeat(32))), SHA256)).toEqual(
      [],
    );
    expect(parseProvenance(documentOf(), SHA256)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['text', 'nothing'],
    ['another document', { meta: {} }],
    ['a bundle without a publisher', documentOf({ attestations: [] })],
    ['a name without end', documentOf(bundle({ kind: 'x'.repeat(1_000) }))],
  ])('%s is none', (_case, document) => {
    expect(parseProvenance(document, SHA256)).toBeUndefined();
  });

  test('a statement that is not JSON is about nothing', () => {
    const broken = {
      publisher: { kind: 'GitHub', repository: 'a/b' },
      attestations: [{ envelope: { statement: '!' } }],
    };

    expect(parseProvenance(documentOf(broken), SHA256)).toEqual([]);
  });

  test('accounts have no case', () => {
    const one = { kind: 'GitHub', repository: 'Six/six' };

    expect(isSameOwner(one, { kind: 'github', repository: 'six/Six', workflow: 'other.yml' })).toBe(true);
    expect(isSameOwner(one, { kind: 'GitLab', repository: 'Six/six' })).toBe(false);
  });
});
