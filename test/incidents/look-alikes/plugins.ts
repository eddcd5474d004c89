// Owns: honest plug-ins, hooks, kernels and remote control. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A plug-in that times tests and asks git for the revision. */
export function pytestPlugin(): LookAlike {
  const release = packageWheel('pytest-stopwatch', {
    '__init__.py': '__version__ = "1.2.0"\n',
    'plugin.py': py`"""Times of tests, with the revision they belong to."""
import json
import os
import platform
import subprocess
import time


def pytest_addoption(parser):
    parser.addoption("--stopwatch", metavar="FILE", default=None, help="write times as JSON")


def _revision(root):
    try:
        output = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True)
    except OSError:
        return None
    return output.stdout.strip() or None


class Stopwatch:
    def __init__(self, config):
        self.path = config.getoption("--stopwatch")
        self.facts = {
            "node": platform.node(),
            "python": platform.python_version(),
            "ci": bool(os.environ.get("CI")),
            "revision": _revision(config.rootpath),
        }
        self.times = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.times[report.nodeid] = report.duration

    def pytest_sessionfinish(self, session):
        with open(self.path, "w", encoding="utf-8") as stream:
            json.dump({**self.facts, "finished": time.time(), "times": self.times}, stream)


def pytest_configure(config):
    if config.getoption("--stopwatch"):
        config.pluginmanager.register(Stopwatch(config), "stopwatch")
`,
  });
  return {
    why: 'a pytest plug-in asks git for the revision and writes times with the host name to a file that the user names',
    release: { ...release, wheel: { entryPoints: '[pytest11]\nstopwatch = pytest_stopwatch.plugin\n' } },
  };
}

/** Post-import hooks: a finder that calls registered functions after a module was loaded. */
export function importHooks(): LookAlike {
  return {
    why: 'a finder on sys.meta_path calls functions that the application registered; nothing leaves the process',
    release: packageWheel('afterimport', {
      '__init__.py': py`"""Run code after another module was imported."""
import importlib.abc
import importlib.util
import sys
import threading

_hooks = {}
_lock = threading.RLock()


class _HookedLoader(importlib.abc.Loader):
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        for hook in _hooks.pop(module.__name__, []):
            hook(module)


class ImportHookFinder(importlib.abc.MetaPathFinder):
    def __init__(self):
        self._active = set()

    def find_spec(self, name, path=None, target=None):
        with _lock:
            if name not in _hooks or name in self._active:
                return None
            self._active.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._active.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _HookedLoader(spec.loader)
        return spec


def when_imported(name):
    def decorate(hook):
        if name in sys.modules:
            hook(sys.modules[name])
        else:
            _hooks.setdefault(name, []).append(hook)
        return hook

    return decorate


sys.meta_path.insert(0, ImportHookFinder())
`,
    }),
  };
}

/** A notebook kernel: executes code that a front end on the same machine sends. */
export function honestKernel(): LookAlike {
  const release = packageWheel('tinykernel', {
    '__init__.py': '__version__ = "0.6.0"\n',
    'kernel.py': py`"""A kernel for notebooks: executes cells, answers with their output."""
import contextlib
import hmac
import io
import json
import socket
import sys
import traceback


class Kernel:
    def __init__(self, connection_file):
        with open(connection_file, encoding="utf-8") as stream:
            self.connection = json.load(stream)
        self.namespace = {"__name__": "__main__"}

    def verify(self, body, signature):
        expected = hmac.new(self.connection["key"].encode(), body, "sha256").hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise PermissionError("bad signature")

    def execute(self, source):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            try:
                exec(compile(source, "<cell>", "exec"), self.namespace)
            except Exception:
                traceback.print_exc(file=output)
        return output.getvalue()

    def serve(self):
        """Listen on the loopback port of the connection file."""
        with socket.create_server(("127.0.0.1", self.connection["shell_port"])) as server:
            while True:
                link, _ = server.accept()
                with link, link.makefile("rwb") as stream:
                    for line in stream:
                        message = json.loads(line)
                        self.verify(message["content"].encode(), message["signature"])
                        stream.write(json.dumps({"output": self.execute(message["content"])}).encode() + b"\n")
                        stream.flush()


def main():
    Kernel(sys.argv[1]).serve()
`,
  });
  return {
    why: 'executes signed cells received on the loopback interface from a front end of the same user: that is what a kernel is',
    release: { ...release, wheel: { entryPoints: '[console_scripts]\ntinykernel = tinykernel.kernel:main\n' } },
  };
}

/** Deployment over SSH and pseudo terminals, on hosts that the caller names. */
export function remoteRunner(): LookAlike {
  return {
    why: 'starts commands of the caller in a pseudo terminal and over ssh, on hosts of the caller',
    release: packageWheel('shipwright-ssh', {
      '__init__.py': py`"""Commands on other machines, and in terminals."""
import os
import pty
import select
import shlex
import subprocess


class Host:
    def __init__(self, address, user=None, key=None):
        self.target = "%s@%s" % (user, address) if user else address
        self.options = ["-i", os.path.expanduser(key)] if key else []

    def run(self, command, timeout=None):
        argv = ["ssh", *self.options, self.target, "--", command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=timeout)

    def put(self, local, remote):
        return subprocess.run(["scp", *self.options, local, "%s:%s" % (self.target, remote)], check=True)


def in_terminal(command, on_output):
    """Run a command in a pseudo terminal and hand its output to a function."""
    pid, descriptor = pty.fork()
    if pid == 0:
        argv = shlex.split(command)
        os.execvp(argv[0], argv)
    while True:
        ready, _, _ = select.select([descriptor], [], [], 0.2)
        if descriptor in ready:
            try:
                chunk = os.read(descriptor, 4096)
            except OSError:
                break
            if not chunk:
                break
            on_output(chunk)
    return os.waitpid(pid, 0)[1]
`,
    }),
  };
}

/** Clients of messengers: the base address is known, the token comes from the caller. */
export function messengerClient(): LookAlike {
  return {
    why: 'a bot framework and notifier: the token and the webhook address are arguments, no constant id is in the code',
    release: packageWheel('chirpbot', {
      '__init__.py': py`"""Bots and notifications."""
import json
import os
import urllib.request

TELEGRAM = "https://api.telegram.org"
DISCORD = "https://discord.com/api/webhooks"


class Bot:
    def __init__(self, token=None):
        self.token = token or os.environ["CHIRPBOT_TOKEN"]

    def call(self, method, **fields):
        request = urllib.request.Request(
            "%s/bot%s/%s" % (TELEGRAM, self.token, method),
            data=json.dumps(fields).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)["result"]

    def send_message(self, chat_id, text):
        return self.call("sendMessage", chat_id=chat_id, text=text)

    def updates(self, offset=0):
        return self.call("getUpdates", offset=offset, timeout=25)


def notify(webhook_id, webhook_token, text, username="chirpbot"):
    """Post to a webhook of the caller."""
    request = urllib.request.Request(
        "%s/%s/%s" % (DISCORD, webhook_id, webhook_token),
        data=json.dumps({"content": text, "username": username}).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()
`,
    }),
  };
}

/** Clipboard, screen and keys for automation; no network at all. */
export function desktopAutomation(): LookAlike {
  return {
    why: 'reads and writes the clipboard, takes screenshots and listens to keys for macros; it has no network code',
    release: packageWheel('deskhand', {
      '__init__.py': py`"""Automation of the desktop."""
import subprocess
import sys
import time


def copy(text):
    command = {"darwin": ["pbcopy"], "win32": ["clip"]}.get(sys.platform, ["xclip", "-selection", "clipboard"])
    subprocess.run(command, input=text.encode("utf-8"), check=True)


def paste():
    command = {"darwin": ["pbpaste"], "win32": ["powershell", "-command", "Get-Clipboard"]}.get(
        sys.platform, ["xclip", "-selection", "clipboard", "-o"]
    )
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")


def screenshot(path):
    import mss

    with mss.mss() as screen:
        return screen.shot(output=path)


class Macro:
    def __init__(self):
        self.events = []

    def record(self, seconds):
        from pynput import keyboard

        start = time.monotonic()

        def on_press(key):
            self.events.append((time.monotonic() - start, str(key)))
            return time.monotonic() - start < seconds

        with keyboard.Listener(on_press=on_press) as listener:
            listener.join()
        return self
`,
    }),
  };
}

/** Cookies of the user's browser, decrypted for the user's own requests. */
export function browserCookies(): LookAlike {
  return {
    why: 'reads and decrypts the cookies of a browser profile into a cookie jar; it sends nothing by itself',
    release: packageWheel('jarlift', {
      '__init__.py': py`"""Cookies of installed browsers as a cookie jar."""
import base64
import http.cookiejar
import json
import os
import shutil
import sqlite3
import sys
import tempfile


def _profile():
    if sys.platform == "win32":
        return os.path.join(os.environ["LOCALAPPDATA"], "Google", "Chrome", "User Data")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/Google/Chrome")
    return os.path.expanduser("~/.config/google-chrome")


def _key(profile):
    with open(os.path.join(profile, "Local State"), encoding="utf-8") as stream:
        encoded = json.load(stream)["os_crypt"]["encrypted_key"]
    import win32crypt

    return win32crypt.CryptUnprotectData(base64.b64decode(encoded)[5:], None, None, None, 0)[1]


def _decrypt(value, key):
    from Crypto.Cipher import AES

    return AES.new(key, AES.MODE_GCM, value[3:15]).decrypt(value[15:-16]).decode("utf-8", "replace")


def cookie_jar(domain=""):
    jar = http.cookiejar.CookieJar()
    profile = _profile()
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy2(os.path.join(profile, "Default", "Network", "Cookies"), folder)
        with sqlite3.connect(copy) as database:
            rows = database.execute("SELECT host_key, path, name, encrypted_value FROM cookies").fetchall()
    key = _key(profile)
    for host, path, name, value in rows:
        if domain in host:
            jar.set_cookie(http.cookiejar.Cookie(0, name, _decrypt(value, key), None, False, host, True, host.startswith("."), path, True, True, None, False, None, None, {}))
    return jar
`,
    }),
  };
}

/** A wrapper of name lookups: the caller names what is asked. */
export function dnsTools(): LookAlike {
  return {
    why: 'runs dig or asks the resolver for names of the caller',
    release: packageWheel('zonecheck', {
      '__init__.py': py`"""Checks of DNS zones."""
import shutil
import socket
import subprocess


def addresses(name):
    return sorted({entry[4][0] for entry in socket.getaddrinfo(name, None)})


def records(name, kind="A", server=None):
    """Answers of dig, one record a line."""
    tool = shutil.which("dig")
    if tool is None:
        raise FileNotFoundError("dig")
    argv = [tool, "+short", name, kind]
    if server:
        argv.append("@" + server)
    return subprocess.run(argv, capture_output=True, text=True, timeout=15).stdout.split()


def is_delegated(zone):
    return bool(records(zone, "NS"))
`,
    }),
  };
}

/** Caches of compiled templates: marshal and pickle of what the library itself wrote. */
export function compiledCache(): LookAlike {
  return {
    why: 'compiled templates are kept with marshal in a cache folder, with a checksum, and executed when a template is rendered',
    release: packageWheel('stencil-templates', {
      '__init__.py': py`"""Templates, compiled to Python and cached."""
import hashlib
import marshal
import os
import re
import tempfile


class BytecodeCache:
    def __init__(self, folder=None):
        self.folder = folder or os.path.join(tempfile.gettempdir(), "stencil-cache-%d" % os.getpid())

    def path(self, source):
        return os.path.join(self.folder, hashlib.sha256(source.encode()).hexdigest() + ".cache")

    def load(self, source):
        try:
            with open(self.path(source), "rb") as stream:
                return marshal.load(stream)
        except (OSError, EOFError, ValueError):
            return None

    def store(self, source, code):
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        with open(self.path(source), "wb") as stream:
            marshal.dump(code, stream)


def compile_template(text):
    parts = re.split(r"(\{\{.*?\}\})", text)
    lines = ["def render(context):", "    out = []"]
    for part in parts:
        if part.startswith("{{"):
            lines.append("    out.append(str(context[%r]))" % part[2:-2].strip())
        elif part:
            lines.append("    out.append(%r)" % part)
    lines.append("    return ''.join(out)")
    return "\n".join(lines)


class Template:
    cache = BytecodeCache()

    def __init__(self, text):
        source = compile_template(text)
        code = self.cache.load(source)
        if code is None:
            code = compile(source, "<template>", "exec")
            self.cache.store(source, code)
        namespace = {}
        exec(code, namespace)
        self.render = namespace["render"]
`,
    }),
  };
}
