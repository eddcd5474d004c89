import { describe, expect, test } from 'vitest';
import { describeRefusal, describeUnfinished, describeYank } from '../../src/gate/refusal-text.ts';
import type { RefusalVerdict } from '../../src/policy/verdict.ts';
import { makeStoredFile } from '../support/stored-facts.ts';

const FILE = makeStoredFile('six-1.0.tar.gz');
const ADDRESS = 'https://cordon.example/b/abcdefgh234567';

describe('a refusal', () => {
  test.each<[RefusalVerdict, string]>([
    [
      { kind: 'refuse', reason: 'malware', detail: 'runs a download' },
      `Blocked by Cordon: six 1.0: runs a download. See ${ADDRESS}`,
    ],
    [
      { kind: 'quarantine', reason: 'suspicious', detail: 'runs a string!' },
      `Quarantined by Cordon: six 1.0: runs a string! See ${ADDRESS}`,
    ],
    [
      { kind: 'quarantine', reason: 'cooldown', detail: 'too young', until: Date.UTC(2026, 1, 3, 4, 5) },
      `Held by Cordon until 2026-02-03T04:05Z: six 1.0: too young. See ${ADDRESS}`,
    ],
  ])('%o reads like a sentence', (verdict, expected) => {
    expect(describeRefusal(FILE, verdict, ADDRESS).reason).toBe(expected);
  });

  test('with hostile or endless text stays one line of ASCII that ends in the address', () => {
    const detail = `a\r\nSet-Cookie: x=\u001b[31m — ${'z'.repeat(5_000)}`;
    const verdict: RefusalVerdict = { kind: 'refuse', reason: 'malware', detail };
    const file = makeStoredFile('six-1.0.tar.gz', { version: `1.0\u202e${'9'.repeat(500)}` });

    const text = describeRefusal(file, verdict, ADDRESS);

    expect(text.reason).toMatch(/^[\x20-\x7e]{1,200}$/);
    expect(text.reason.endsWith(`See ${ADDRESS}`)).toBe(true);
    expect(text.title + text.detail).toMatch(/^[\x20-\x7e]+$/);
    expect(describeYank(file, verdict)).toMatch(/^[\x20-\x7e]{1,200}$/);
  });
});

describe('a file without a verdict in time', () => {
  test.each([
    [{ kind: 'fetching', receivedBytes: 812_000_000, totalBytes: 2_431_000_000 }, 'still fetching, 812 of 2,431 MB'],
    [{ kind: 'fetching', receivedBytes: 812_000_000 }, 'still fetching, 812 MB so far'],
    [{ kind: 'queued' }, 'still waiting to be fetched'],
    [{ kind: 'scanning' }, 'still scanning'],
    [undefined, 'still scanning'],
  ] as const)('%o: %s', (phase, expected) => {
    const text = describeUnfinished(FILE, phase);

    expect(text.reason).toContain(expected);
    expect(text.detail).toContain(expected);
  });
});
