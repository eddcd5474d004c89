import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkTransfer, createDigester } from '../../src/intake/digests.ts';
import type { StoredFile } from '../../src/ports/decision-store.ts';
import type { Hashes, Sha256 } from '../../src/pypi/model.ts';
import { makeStoredFile } from '../support/stored-facts.ts';

const BYTES = Buffer.from('the bytes');
const hex = (algorithm: string): string => createHash(algorithm).update(BYTES).digest('hex');

function row(hashes: Hashes, sizeBytes?: number, pinned?: string): StoredFile {
  const made: StoredFile = makeStoredFile('six-1.0.tar.gz');
  const { key, upstream, project, path, firstSeenAt } = made;
  return {
    key,
    upstream,
    project,
    path,
    firstSeenAt,
    ...(pinned === undefined ? {} : { sha256: pinned as Sha256 }),
    file: { ...made.file, hashes, ...(sizeBytes === undefined ? {} : { sizeBytes }) },
  };
}

function check(file: StoredFile, bytes: Uint8Array = BYTES, declared?: number): string {
  const digester = createDigester(file.file.hashes);
  digester.update(bytes.subarray(0, 3));
  digester.update(bytes.subarray(3));
  const result = checkTransfer(file, digester.finish(declared));
  return result.kind === 'mismatch' ? `${result.kind} ${result.against}` : result.kind;
}

test.each([
  ['sha256', { sha256: hex('sha256') }],
  ['md5 alone', { md5: hex('md5') }],
  ['several', { sha256: hex('sha256'), sha512: hex('sha512'), blake2s: hex('blake2s256') }],
  ['none', {}],
  ['one that nobody knows', { whirlpool9: 'ab'.repeat(20) }],
])('true bytes pass with %s announced', (_what, hashes) => {
  expect(check(row(hashes, BYTES.length))).toBe('same');
});

test.each([
  ['sha256', { sha256: 'ab'.repeat(32) }],
  ['md5 alone', { md5: 'ab'.repeat(16) }],
  ['a wrong one among right ones', { sha256: hex('sha256'), sha1: 'ab'.repeat(20) }],
])('other bytes do not pass with %s announced', (_what, hashes) => {
  expect(check(row(hashes, BYTES.length))).toBe('mismatch announced');
});

test('a short body is a cut connection, unless its server meant it', () => {
  const file = row({ sha256: hex('sha256') }, BYTES.length);

  expect(check(file, BYTES.subarray(0, 5))).toBe('cut');
  expect(check(file, BYTES.subarray(0, 5), BYTES.length)).toBe('cut');
  expect(check(file, BYTES.subarray(0, 5), 5)).toBe('mismatch announced');
  expect(check(file, Buffer.concat([BYTES, BYTES]))).toBe('mismatch announced');
});

test('without an announced sha256 the pinned one holds', () => {
  expect(check(row({}, undefined, hex('sha256')))).toBe('same');
  expect(check(row({ md5: hex('md5') }, undefined, 'ab'.repeat(32)))).toBe('mismatch pinned');
});
