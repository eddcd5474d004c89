import { describe, expect, test } from 'vitest';
import { type BannerFacts, layBanner } from '../../src/commands/banner.ts';

const FACTS: BannerFacts = {
  publicUrl: 'http://127.0.0.1:8080',
  dataFolder: '/data',
  policyFile: '/policy.yaml',
  hasPolicyFile: true,
  configFile: undefined,
  mode: 'enforce',
  configuredMode: 'enforce',
  version: '0.1.0',
};

describe('the first line of a start', () => {
  test.each([
    ['enforce', 'enforce', 'Cordon 0.1.0 answers on http://127.0.0.1:8080'],
    ['monitor', 'monitor', '(monitor: scan verdicts are recorded, not enforced)'],
    ['monitor', 'enforce', '(monitor: scan verdicts are recorded, not enforced; set at runtime: `cordon mode`'],
    ['enforce', 'monitor', '(enforce: set at runtime: `cordon mode` says by whom)'],
  ] as const)('in mode %s, configured %s', (mode, configuredMode, expected) => {
    const [first] = layBanner({ ...FACTS, mode, configuredMode });

    expect(first).toContain(expected);
  });
});

test('a server that is not on loopback is shown with what pip and uv need to trust plain http', () => {
  const lines = layBanner({ ...FACTS, publicUrl: 'http://10.1.2.3:8080' }).join('\n');

  expect(lines).toContain('--trusted-host 10.1.2.3');
  expect(lines).toContain('--allow-insecure-host 10.1.2.3');
});
