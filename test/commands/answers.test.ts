import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { addConfigCommand } from '../../src/commands/config.ts';
import { addExplainCommand } from '../../src/commands/explain.ts';
import { addVerifyCommand } from '../../src/commands/maintain.ts';
import { addStatusCommand } from '../../src/commands/status.ts';
import { addWhoCommand } from '../../src/commands/who.ts';
import { makeAccess, makeFinding, makeReport, makeStoredFile, sha256Of } from '../support/stored-facts.ts';
import { runCommand } from './support.ts';

const WHEEL = 'six-1.0-py3-none-any.whl';
const explained = {
  project: 'six',
  version: '1.0',
  filename: WHEEL,
  upstream: 'pypi',
  path: `packages/pypi/${WHEEL}`,
  sha256: sha256Of(WHEEL),
  firstSeenAt: 0,
  yanked: false,
  verdict: { kind: 'refuse', reason: 'malware', detail: 'it downloads and runs a program' },
  report: makeReport(makeStoredFile(WHEEL), {
    score: 88.5,
    findings: [
      makeFinding({
        message: 'sends the environment to https://evil.invalid/x',
        snippet: 'exec("\u001b[2J\u202e")',
        decoded: 'import os\nos.system("x")',
        chain: [{ role: 'sink', path: 'six/__init__.py', line: 3, text: 'runs a command' }],
      }),
    ],
  }),
};
const allowed = { ...explained, filename: 'six-1.0.tar.gz', verdict: { kind: 'allow', reason: 'clean', detail: 'ok' } };

describe('cordon explain', () => {
  test('what changed since earlier releases is printed, with what it was compared with', async () => {
    const comparison = {
      sha256: explained.sha256,
      ruleset: 'rules-1',
      comparedAt: 1,
      baselines: [{ filename: 'six-0.9-py3-none-any.whl', sha256: 'x' }],
      changes: [{ kind: 'new-host', score: 2, message: 'names hosts: https://evil.invalid/x', path: 'six/a.py' }],
      publishers: [{ kind: 'GitHub', repository: 'six-dev/six', workflow: 'release.yml' }],
      copied: {
        project: 'seven',
        filename: 'seven-2.0.tar.gz',
        sha256: 'y',
        same: 12,
        compared: 13,
        differing: ['six/b.py'],
      },
    };
    const ran = await runCommand(addExplainCommand, ['explain', 'six==1.0'], {
      answer: () => ({ files: [{ ...explained, comparison }], thresholds: { refuse: 10, quarantine: 5 } }),
    });

    expect(ran.text).toContain('compared with six-0.9-py3-none-any.whl');
    expect(ran.text).toContain('+2.0  names hosts: hxxps://evil[.]invalid/x (six/a.py)');
    expect(ran.text).toContain('attested by GitHub six-dev/six (release.yml)');
    expect(ran.text).toContain('12 of 13 members stand in seven-2.0.tar.gz');
    expect(ran.text).toContain('six/b.py');
  });

  test('the evidence is printed, with URLs defanged and hostile text tamed, and the waiver to type', async () => {
    const ran = await runCommand(addExplainCommand, ['explain', 'six==1.0'], {
      answer: () => ({ files: [explained], thresholds: { refuse: 20, quarantine: 7 } }),
    });

    expect(ran.exitCode).toBe(1);
    expect(ran.text).toContain('refuse (malware): it downloads and runs a program');
    expect(ran.text).toContain('score 88.5, held from 7 (refused from 20 only with a finding of malware)');
    expect(ran.text).toContain('six/__init__.py:3');
    expect(ran.text).toContain('| os.system("x")');
    expect(ran.text).toContain('hxxps://evil[.]invalid/x');
    expect(ran.text).toContain(`cordon allow --file '${WHEEL}' --sha256 ${sha256Of(WHEEL)}`);
    expect(ran.text).not.toMatch(/[\u001b\u202e]/);
  });

  test('in monitor mode it says what enforce mode would have done, and why', async () => {
    const verdict = {
      kind: 'allow',
      reason: 'monitor',
      detail: 'monitor mode serves it',
      wouldHave: explained.verdict,
    };

    const ran = await runCommand(addExplainCommand, ['explain', 'six==1.0'], {
      answer: () => ({ files: [{ ...explained, verdict }], thresholds: { refuse: 10, quarantine: 5 } }),
    });

    expect(ran.text).toContain(
      'allow (monitor): monitor mode serves it; would have been refuse (malware): it downloads and runs a program',
    );
  });

  test('a finding about the archive as a whole says so', async () => {
    const chain = [{ role: 'context' as const, path: '', line: 0, text: 'is part of the archive' }];
    const findings = [makeFinding({ detector: 'thin-metadata', path: '', line: 0, chain })];
    const report = makeReport(makeStoredFile(WHEEL), { score: 4, findings });

    const ran = await runCommand(addExplainCommand, ['explain', 'six==1.0'], {
      answer: () => ({ files: [{ ...explained, report }], thresholds: { refuse: 10, quarantine: 5 } }),
    });

    expect(ran.text).toContain('thin-metadata  the archive\n');
    expect(ran.text).toContain('is part of the archive (the archive)\n');
    expect(ran.text).toContain('1 finding,');
  });

  test('exit code 0 when all is allowed', async () => {
    const ran = await runCommand(addExplainCommand, ['explain', 'six'], {
      answer: () => ({ files: [allowed], thresholds: { refuse: 10, quarantine: 5 } }),
    });

    expect(ran.exitCode).toBe(0);
  });

  test('many files are one line each', async () => {
    const files = Array.from({ length: 30 }, () => allowed);

    const ran = await runCommand(addExplainCommand, ['explain', 'six'], { answer: () => ({ files }) });

    expect(ran.text.trim().split('\n')).toHaveLength(31);
  });
});

describe('cordon who', () => {
  test('tells a transfer that broke off from one that came to its end', async () => {
    const records = [
      makeAccess({ outcome: 'broken-off', sentBytes: 3_250_586 }),
      makeAccess({ outcome: 'broken-off' }),
      makeAccess(),
    ];
    const ran = await runCommand(addWhoCommand, ['who', 'six'], { answer: () => records });

    const [, cut, small, whole] = ran.text.split('\n');
    expect(cut).toContain('broken off (at most 3.1 MiB sent)');
    expect(small).toMatch(/ broken off +1/);
    expect(whole).toContain(' served ');
  });

  test('what each client waited for is told', async () => {
    const records = [makeAccess({ holdMs: 12_300, fetchMs: 8000, queueMs: 1, scanMs: 4000 })];

    const ran = await runCommand(addWhoCommand, ['who', 'six'], { answer: () => records });

    expect(ran.exitCode).toBe(0);
    expect(ran.text).toContain('hold 12.3 s (fetch 8.0 s, queue 1 ms, scan 4.0 s)');
  });

  test('nobody is a negative answer', async () => {
    const ran = await runCommand(addWhoCommand, ['who', 'six'], { answer: () => [] });

    expect(ran.exitCode).toBe(1);
  });
});

describe('cordon status', () => {
  const status = {
    version: '0.1.0',
    startedAt: 0,
    dataFolder: '/data',
    policyFile: '/policy.yaml',
    diskBudgetBytes: 0,
    upstreams: [{ id: 'pypi', url: 'https://pypi.org/simple/' }],
    uptimeMs: 60_000,
    installedAt: 0,
    policy: { mode: 'enforce', revision: 3, entries: 2, expiredEntries: 1 },
    settings: [
      { name: 'mode', value: 'monitor', configured: 'enforce', isOverride: true, actor: 'cli:ada', reason: 'a trial' },
      { name: 'freeze', value: 'off', configured: 'off', isOverride: false },
    ],
    ruleset: 'f'.repeat(64),
    scans: { queued: 0, running: 1 },
    intake: { jobs: 1, bytesInFlight: 1024, speculative: 0 },
    usedBytes: 5 * 1024 * 1024,
    freeBytes: 100 * 1024 * 1024,
    feeds: [{ feed: 'osv', isEnabled: true, records: 7 }],
    slow: [makeAccess({ holdMs: 5000 })],
  };

  test('the look at a server names what was slow', async () => {
    const ran = await runCommand(addStatusCommand, ['status'], { answer: () => status });

    expect(ran.exitCode).toBe(0);
    expect(ran.text).toContain('stored files  5.0 MiB no limit; 100.0 MiB free on that disk');
    expect(ran.text).toContain('nearly full');
    expect(ran.text).toContain('hold 5.0 s');
    expect(ran.text).toContain('monitor, set by ada: a trial (the configuration says enforce)');
  });

  test('it says who answers: a running server, or the folder of one that does not run', async () => {
    const ran = await runCommand(addStatusCommand, ['status'], { answer: () => status });

    expect(ran.text).toMatch(/^answered by +a fake$/m);
  });

  test('a broken policy file is a negative answer', async () => {
    const answer = () => ({ ...status, policy: { ...status.policy, problem: 'line 3: unknown key' } });

    const ran = await runCommand(addStatusCommand, ['status'], { answer });

    expect(ran.exitCode).toBe(1);
    expect(ran.text).toContain('line 3: unknown key');
  });
});

test('cordon verify counts one file as one', async () => {
  const answer = () => ({ blobs: 1, bytes: 2048, broken: [] });

  expect((await runCommand(addVerifyCommand, ['verify'], { answer })).text).toContain('1 stored file (');
});

test('cordon verify says what is broken', async () => {
  const answer = () => ({ blobs: 2, bytes: 2048, broken: [sha256Of('bad')] });

  const ran = await runCommand(addVerifyCommand, ['verify'], { answer });

  expect(ran.exitCode).toBe(1);
  expect(ran.text).toContain(`${sha256Of('bad')}: --repair removes it`);
  expect(ran.text).toContain('the event chain is whole');
});

describe('cordon config', () => {
  test('check prints the settings in force', async () => {
    const ran = await runCommand(addConfigCommand, ['config', 'check', '--set', 'listen.port=9000']);

    expect(ran.exitCode).toBe(0);
    expect(parse(ran.text)).toMatchObject({ listen: { port: 9000 } });
  });

  test('a wrong key is an error', async () => {
    const ran = await runCommand(addConfigCommand, ['config', 'check', '--set', 'listen.prot=9000']);

    expect(ran.exitCode).toBe(2);
    expect(String(ran.failure)).toContain('listen.port');
  });

  test('a broken policy file is an error with its line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-policy-'));
    const path = join(folder, 'policy.yaml');
    writeFileSync(path, 'entries:\n  - effekt: deny\n    project: six\n    reason: x\n');

    const ran = await runCommand(addConfigCommand, ['config', 'check', '--set', `policyFile=${path}`]);
    rmSync(folder, { recursive: true });

    expect(ran.exitCode).toBe(2);
    expect(String(ran.failure)).toContain(`${path}:2`);
  });

  test('all that would stop a start is named at once: settings, files that they name, the policy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-check-'));
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('policy.yaml'), 'entries:\n  - { effect: deny, project: six }\n  - { effect: dney }\n');
    const upstream = { id: 'own', url: 'https://own.invalid/simple/', caFile: 'nowhere.pem' };
    const settings = {
      policyFile: 'policy.yaml',
      trustedProxies: ['nonsense'],
      popularProjectsFile: 'nowhere.txt',
      upstreams: [upstream, { id: 'mixed', url: 'https://mixed.invalid/', fileOrigins: ['http://mixed.invalid'] }],
      notify: { webhookUrl: 'https://chat.invalid/', caFile: 'webhook.pem' },
    };
    writeFileSync(at('good-shape.yaml'), JSON.stringify(settings));
    writeFileSync(at('bad-shape.yaml'), JSON.stringify({ ...settings, mode: 'off' }));

    const good = await runCommand(addConfigCommand, ['config', 'check', '-c', at('good-shape.yaml')]);
    const bad = await runCommand(addConfigCommand, ['config', 'check', '-c', at('bad-shape.yaml')]);
    rmSync(folder, { recursive: true });

    const policy = [`${at('policy.yaml')}:2: entries[1].reason`, `${at('policy.yaml')}:3: entries[2].effect`];
    const files = [at('nowhere.pem'), at('nowhere.txt'), at('webhook.pem'), 'trustedProxies', 'mixed is https'];
    for (const text of [...policy, ...files]) expect(String(good.failure)).toContain(text);
    for (const text of [...policy, 'bad-shape.yaml:1: mode: ']) expect(String(bad.failure)).toContain(text);
    expect(good.exitCode).toBe(2);
  });

  test('a token is for somebody: the settings take no empty name', async () => {
    const ran = await runCommand(addConfigCommand, ['config', 'token', ' ']);

    expect(ran.exitCode).toBe(2);
    expect(ran.text).toBe('');
    expect(String(ran.failure)).toContain('name');
  });

  test('a token comes with the digest for the settings', async () => {
    const ran = await runCommand(addConfigCommand, ['config', 'token', 'ada', '--json']);

    const { token, sha256 } = JSON.parse(ran.text) as { token: string; sha256: string };
    expect(createHash('sha256').update(token).digest('hex')).toBe(sha256);
  });
});
