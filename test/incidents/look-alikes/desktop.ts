// Owns: honest work with clipboard, screen, keys and browser profiles. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

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

/** A tool that writes its own settings and completions where they belong. */
export function configWriter(): LookAlike {
  return {
    why: 'on request, writes settings to its own folder and a completion script next to those of the shell',
    release: packageWheel('tidyconf', {
      '__init__.py': py`"""Settings and shell completion."""
import json
import os
import sys
from pathlib import Path


def config_path():
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(base) / "tidyconf" / "settings.json"


def save(settings):
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=2), encoding="utf-8")
    return path


COMPLETION = 'complete -W "init run report" tidyconf\n'


def install_completion(shell="bash"):
    """Write the completion script; prints the line to add to the start file, and leaves that file alone."""
    target = Path.home() / ".local" / "share" / "bash-completion" / "completions" / "tidyconf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(COMPLETION)
    print("add to ~/.%src:  source %s" % (shell, target), file=sys.stderr)
`,
    }),
  };
}
