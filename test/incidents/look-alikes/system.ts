// Owns: honest work on the system: services and crontabs on command, SSH keys, prompts, host names, curl as a back end.
// May import: incident.ts, package-wheel.ts. Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** Installs a program of the user as a service when told to. */
export function serviceInstaller(): LookAlike {
  const release = packageWheel('servicectl', {
    '__init__.py': py`"""Programs of yours as services: systemd, launchd, cron."""
import os
import plistlib
import subprocess
import sys
from pathlib import Path

UNIT = """[Unit]
Description={name}

[Service]
ExecStart={command}
Restart=on-failure

[Install]
WantedBy=default.target
"""


def install_systemd(name, command):
    path = Path.home() / ".config" / "systemd" / "user" / (name + ".service")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(UNIT.format(name=name, command=command))
    subprocess.run(["systemctl", "--user", "daemon-reload"], check=True)
    subprocess.run(["systemctl", "--user", "enable", "--now", name], check=True)
    return path


def install_launchd(name, argv):
    path = Path.home() / "Library" / "LaunchAgents" / (name + ".plist")
    with open(path, "wb") as stream:
        plistlib.dump({"Label": name, "ProgramArguments": list(argv), "RunAtLoad": True}, stream)
    subprocess.run(["launchctl", "load", str(path)], check=True)
    return path


class CronTab:
    def __init__(self):
        result = subprocess.run(["crontab", "-l"], capture_output=True, text=True)
        self.lines = result.stdout.splitlines() if result.returncode == 0 else []

    def add(self, schedule, command):
        self.lines.append("%s %s" % (schedule, command))
        return self

    def write(self):
        subprocess.run(["crontab", "-"], input="\n".join(self.lines) + "\n", text=True, check=True)


def main():
    name, *argv = sys.argv[1:]
    installer = install_launchd if sys.platform == "darwin" else install_systemd
    print(installer(name, argv if sys.platform == "darwin" else " ".join(argv)))
    return os.EX_OK
`,
  });
  return {
    why: 'the command installs a program that the user names as a service or cron entry',
    release: { ...release, wheel: { entryPoints: '[console_scripts]\nservicectl = servicectl:main\n' } },
  };
}

/** SSH keys: lists, adds and removes what the caller hands over. */
export function sshKeys(): LookAlike {
  return {
    why: 'adds a key of the caller to authorized_keys and reads public keys; no key is in the code',
    release: packageWheel('keywarden-ssh', {
      '__init__.py': py`"""authorized_keys without accidents."""
import os
from pathlib import Path

PATH = Path.home() / ".ssh" / "authorized_keys"


def keys(path=PATH):
    if not path.exists():
        return []
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def add(key, path=PATH):
    """Add a public key unless it is there."""
    if key.split()[:2] in [line.split()[:2] for line in keys(path)]:
        return False
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with open(path, "a") as stream:
        stream.write(key.strip() + "\n")
    os.chmod(path, 0o600)
    return True


def public_key(name="id_ed25519"):
    return (Path.home() / ".ssh" / (name + ".pub")).read_text().strip()
`,
    }),
  };
}

/** Prompts: replaces input and getpass by editing versions, for the session only. */
export function promptToolkit(): LookAlike {
  return {
    why: 'import replaces builtins.input by a version with history; what is typed goes to the caller and to a history file',
    release: packageWheel('betterprompt', {
      '__init__.py': py`"""Prompts with history."""
import atexit
import builtins
import getpass
import os
import readline

HISTORY = os.path.join(os.path.expanduser("~"), ".betterprompt_history")
_input = builtins.input
_getpass = getpass.getpass


def prompt(text=""):
    answer = _input(text)
    if answer:
        readline.add_history(answer)
    return answer


def password(text="Password: ", stream=None):
    """Like getpass, but asks again while the answer is empty; never recorded."""
    while True:
        answer = _getpass(text, stream)
        if answer:
            return answer


builtins.input = prompt
getpass.getpass = password
if os.path.exists(HISTORY):
    readline.read_history_file(HISTORY)
atexit.register(readline.write_history_file, HISTORY)
`,
    }),
  };
}

/** The machine's own name and address, looked up at import. */
export function hostIdentity(): LookAlike {
  return {
    why: 'import resolves the name of the machine itself for log lines; nothing is sent and no name is constant',
    release: packageWheel('rowlog', {
      '__init__.py': py`"""Log lines with the name of the machine."""
import getpass
import logging
import os
import socket

HOSTNAME = socket.gethostname()
try:
    ADDRESS = socket.gethostbyname(HOSTNAME)
except OSError:
    ADDRESS = "127.0.0.1"


class RowFormatter(logging.Formatter):
    def format(self, record):
        record.host = HOSTNAME
        record.address = ADDRESS
        record.user = getpass.getuser()
        record.pid = os.getpid()
        return super().format(record)


def configure(path, level=logging.INFO):
    handler = logging.FileHandler(path)
    handler.setFormatter(RowFormatter("%(asctime)s %(host)s %(user)s %(pid)d %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(level)
`,
    }),
  };
}

/** HTTP through the curl program, for caller's addresses. */
export function curlBackend(): LookAlike {
  return {
    why: 'fetches addresses of the caller with the curl program or pycurl and returns the bytes',
    release: packageWheel('curlish', {
      '__init__.py': py`"""HTTP through curl."""
import io
import shutil
import subprocess


def fetch(url, headers=None, timeout=30, insecure=False):
    """Body of a response, by pycurl where it is installed, else by the curl program."""
    try:
        import pycurl
    except ImportError:
        return _fetch_with_program(url, headers, timeout, insecure)
    buffer = io.BytesIO()
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.TIMEOUT, timeout)
    handle.setopt(pycurl.SSL_VERIFYPEER, 0 if insecure else 1)
    handle.setopt(pycurl.HTTPHEADER, ["%s: %s" % pair for pair in (headers or {}).items()])
    handle.setopt(pycurl.WRITEDATA, buffer)
    handle.perform()
    handle.close()
    return buffer.getvalue()


def _fetch_with_program(url, headers, timeout, insecure):
    program = shutil.which("curl")
    if program is None:
        raise FileNotFoundError("curl")
    argv = [program, "-sSL", "--max-time", str(timeout)]
    if insecure:
        argv.append("-k")
    for pair in (headers or {}).items():
        argv += ["-H", "%s: %s" % pair]
    return subprocess.check_output([*argv, url])
`,
    }),
  };
}

/** Records requests of a test run to a file and plays them back. */
export function requestRecorder(): LookAlike {
  return {
    why: 'wraps a client’s send and writes requests and responses, with secrets masked, to a local cassette file',
    release: packageWheel('tapedeck-http', {
      '__init__.py': py`"""Record HTTP of tests and play it back."""
import contextlib
import json
from pathlib import Path

import requests

MASKED = ("authorization", "cookie", "x-api-key")


class Cassette:
    def __init__(self, path):
        self.path = Path(path)
        self.entries = json.loads(self.path.read_text()) if self.path.exists() else []
        self._send = requests.Session.send

    def _masked(self, headers):
        return {name: "***" if name.lower() in MASKED else value for name, value in headers.items()}

    def send(self, session, request, **kwargs):
        for entry in self.entries:
            if (entry["method"], entry["url"]) == (request.method, request.url):
                response = requests.Response()
                response.status_code = entry["status"]
                response._content = entry["body"].encode()
                return response
        response = self._send(session, request, **kwargs)
        self.entries.append(
            {
                "method": request.method,
                "url": request.url,
                "headers": self._masked(request.headers),
                "status": response.status_code,
                "body": response.text,
            }
        )
        return response


@contextlib.contextmanager
def use(path):
    cassette = Cassette(path)
    requests.Session.send = lambda session, request, **kwargs: cassette.send(session, request, **kwargs)
    try:
        yield cassette
    finally:
        requests.Session.send = cassette._send
        cassette.path.write_text(json.dumps(cassette.entries, indent=1))
`,
    }),
  };
}

/** Settings from .env files, kept in the process. */
export function dotenvReader(): LookAlike {
  return {
    why: 'reads .env into the environment; a separate function checks a token against the service that the caller names',
    release: packageWheel('plainenv', {
      '__init__.py': py`"""Variables from .env files."""
import os
import re
import urllib.request

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


def read(path=".env"):
    values = {}
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            match = _LINE.match(line)
            if match and not line.lstrip().startswith("#"):
                values[match.group(1)] = match.group(2).strip("'\"")
    return values


def load(path=".env", override=False):
    for name, value in read(path).items():
        if override or name not in os.environ:
            os.environ[name] = value


def check_token(service_url, variable="SERVICE_TOKEN"):
    """Whether the service accepts the token."""
    request = urllib.request.Request(service_url, headers={"Authorization": "Bearer " + os.environ[variable]})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status == 200
`,
    }),
  };
}
