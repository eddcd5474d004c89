import { describe, expect, test } from 'vitest';
import { CordonError } from '../../src/errors.ts';
import { createPublisherReader } from '../../src/judge/publishers.ts';
import type { StoredFile } from '../../src/ports/decision-store.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { makeStoredFile } from '../support/stored-facts.ts';

const plain = makeStoredFile('six-1.0-py3-none-any.whl');
const attested: StoredFile = {
  ...plain,
  key: 'attested',
  file: { ...plain.file, provenance: 'https://index.example.invalid/p' },
};
const PUBLISHER = { kind: 'GitHub', repository: 'six-dev/six' };
const statement = Buffer.from(JSON.stringify({ subject: [{ digest: { sha256: plain.sha256 } }] })).toString('base64');
const document = { attestation_bundles: [{ publisher: PUBLISHER, attestations: [{ envelope: { statement } }] }] };

function reader(answer: () => Promise<unknown>) {
  const asked: string[] = [];
  const fetchProvenance = (url: string): Promise<unknown> => {
    asked.push(url);
    return answer();
  };
  return { asked, ...createPublisherReader({ findSource: () => ({ fetchProvenance }), log: silentLog }) };
}

describe('who attested a file', () => {
  test('is asked once, beside the file, and only where the index names a document', async () => {
    const { asked, begin, find } = reader(() => Promise.resolve(document));
    begin(plain);
    begin(attested);
    begin(attested);

    expect(await find(plain)).toBeUndefined();
    expect(await find(attested)).toEqual([PUBLISHER]);
    expect(asked).toEqual(['https://index.example.invalid/p']);
    expect(await find(attested)).toEqual([PUBLISHER]);
  });

  test('is not known where the index fails, and that is no alarm', async () => {
    const { begin, find } = reader(() => Promise.reject(new CordonError('UPSTREAM_SLOW', 'late')));
    begin(attested);

    expect(await find(attested)).toBeUndefined();
  });

  test('is what was read of the same bytes before, without asking again', async () => {
    const { asked, begin, find } = reader(() => Promise.resolve(undefined));
    const comparison = { ruleset: 'r', comparedAt: 1, baselines: [], changes: [], publishers: [PUBLISHER] };
    const known = (sha256: StoredFile['sha256']): StoredFile =>
      sha256 === undefined ? attested : { ...attested, comparison: { ...comparison, sha256 } };

    expect(await find(known(attested.sha256))).toEqual([PUBLISHER]);
    expect(asked).toEqual([]);
    expect(await find(known(makeStoredFile('other-1.0.tar.gz').sha256))).toBeUndefined();
    begin(attested);
    expect(await find(known(attested.sha256))).toEqual([PUBLISHER]);
    expect(asked).toHaveLength(2);
  });
});
