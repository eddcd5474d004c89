// Owns: honest downloads of programs, models and plug-ins, all on request. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A manager of browser drivers: downloads the program for the installed browser, checks it, starts it on request. */
export function browserDriver(): LookAlike {
  return {
    why: 'on request, downloads a driver archive from the vendor, checks the announced digest, makes it executable and starts it for a test session',
    release: packageWheel('browser-pilot', {
      '__init__.py': 'from .driver import Driver\nfrom .manager import DriverManager\n\n__version__ = "4.0.2"\n',
      'manager.py': py`"""Find, download and keep browser drivers."""
import hashlib
import io
import json
import os
import platform
import stat
import urllib.request
import zipfile
from pathlib import Path

INDEX = "https://drivers.browser-vendor.example/known-good-versions.json"


class DriverManager:
    def __init__(self, cache=None):
        self.cache = Path(cache or os.environ.get("BROWSER_PILOT_CACHE") or Path.home() / ".cache" / "browser-pilot")

    def platform_key(self):
        machine = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x64"
        return {"Linux": "linux64", "Darwin": "mac-" + machine, "Windows": "win64"}[platform.system()]

    def resolve(self, version):
        with urllib.request.urlopen(INDEX, timeout=30) as response:
            index = json.load(response)
        for entry in index["versions"]:
            if entry["version"].split(".")[0] == version.split(".")[0]:
                return next(one for one in entry["downloads"] if one["platform"] == self.platform_key())
        raise LookupError("no driver for version %s" % version)

    def install(self, version):
        """Path of the driver for a browser version; downloaded unless it is in the cache."""
        target = self.cache / version / "driver"
        if target.exists():
            return target
        entry = self.resolve(version)
        data = urllib.request.urlopen(entry["url"], timeout=300).read()
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise ValueError("checksum of %s does not match" % entry["url"])
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            target.write_bytes(archive.read("driver"))
        target.chmod(target.stat().st_mode | stat.S_IEXEC)
        return target
`,
      'driver.py': py`"""A driver process and its session."""
import socket
import subprocess
import time

from .manager import DriverManager


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Driver:
    def __init__(self, version, manager=None):
        self.path = (manager or DriverManager()).install(version)
        self.port = free_port()
        self.process = None

    def start(self, timeout=10.0):
        self.process = subprocess.Popen([str(self.path), "--port=%d" % self.port], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the driver did not start")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(5)
`,
    }),
  };
}

/** A command line tool that updates itself and installs plug-ins through pip when told to. */
export function pluginInstaller(): LookAlike {
  return {
    why: 'the command “plugin add NAME” runs pip install for a name typed by the user; nothing happens at import',
    release: packageWheel('benchpress-cli', {
      '__init__.py': '__version__ = "3.1.0"\n',
      'cli.py': py`"""Command line."""
import argparse
import subprocess
import sys


def pip(*arguments):
    return subprocess.call([sys.executable, "-m", "pip", *arguments])


def main(argv=None):
    parser = argparse.ArgumentParser(prog="benchpress")
    commands = parser.add_subparsers(dest="command", required=True)
    plugin = commands.add_parser("plugin")
    plugin.add_argument("action", choices=["add", "remove"])
    plugin.add_argument("name")
    commands.add_parser("self-update")
    options = parser.parse_args(argv)
    if options.command == "self-update":
        return pip("install", "--upgrade", "benchpress-cli")
    if options.action == "add":
        return pip("install", "benchpress-" + options.name)
    return pip("uninstall", "-y", "benchpress-" + options.name)


if __name__ == "__main__":
    sys.exit(main())
`,
    }),
  };
}

/** A wrapper of git: clones what the caller names and runs the project’s own tests when asked. */
export function gitWrapper(): LookAlike {
  return {
    why: 'clones a repository given by the caller and runs a command given by the caller in it',
    release: packageWheel('repo-bench', {
      '__init__.py': py`"""Benchmarks over checked out repositories."""
import subprocess
import tempfile
from pathlib import Path


class Checkout:
    def __init__(self, url, revision="HEAD", folder=None):
        self.url = url
        self.revision = revision
        self.folder = Path(folder or tempfile.mkdtemp(prefix="repo-bench-"))

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def clone(self):
        subprocess.run(["git", "clone", "--quiet", self.url, str(self.folder)], check=True)
        self.git("checkout", "--quiet", self.revision)
        return self

    def run(self, argv):
        """Run a command of the caller inside the checkout."""
        return subprocess.run(argv, cwd=self.folder, capture_output=True, text=True)
`,
    }),
  };
}
