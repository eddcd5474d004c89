// Owns: honest uses of the environment, of host facts and of telemetry. May import: incident.ts, libraries.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A settings object filled from the environment, which stays in the process. */
export function contextClass(): LookAlike {
  return {
    why: 'reads all environment variables into an object and logs how many there were; nothing is sent',
    release: packageWheel('envbox', {
      '__init__.py': py`"""Settings from the environment."""
import base64
import logging
import os

logger = logging.getLogger(__name__)


class EnvBox(dict):
    def __init__(self, prefix=""):
        super().__init__()
        for name, value in os.environ.items():
            if name.startswith(prefix):
                self[name[len(prefix):].lower()] = value
        logger.debug("read %d variables", len(self))

    def bytes(self, name):
        """A variable that holds base64."""
        return base64.b64decode(self[name])

    def fingerprint(self):
        import hashlib

        return hashlib.sha256(repr(sorted(self)).encode()).hexdigest()
`,
    }),
  };
}

/** A runner of tools that passes the environment on, and a download of a fixed file. */
export function environmentForSubprocess(): LookAlike {
  return {
    why: 'os.environ.copy() goes to env= of a tool started on request; the same module fetches a schema from a constant URL',
    release: packageWheel('taskbench', {
      '__init__.py': 'from .runner import run_tool, schema\n',
      'runner.py': py`"""Run tools in a prepared environment."""
import json
import os
import subprocess
import urllib.request

SCHEMA_URL = "https://schemas.taskbench.example/v3/task.json"


def run_tool(argv, *, extra_path=None, cwd=None, check=True):
    """Run a tool with our folder in front of PATH."""
    environment = os.environ.copy()
    environment["PYTHONUNBUFFERED"] = "1"
    if extra_path:
        environment["PATH"] = extra_path + os.pathsep + environment.get("PATH", "")
    return subprocess.run(argv, env=environment, cwd=cwd, check=check, capture_output=True, text=True)


def schema(timeout=10):
    """The published schema of task files."""
    with urllib.request.urlopen(SCHEMA_URL, timeout=timeout) as response:
        return json.load(response)
`,
    }),
  };
}

/** Usage statistics at import with an opt-out: version and platform, a random id, the vendor's own host. */
export function telemetryWithOptOut(): LookAlike {
  return {
    why: 'a thread started at import posts version, platform and a random id to the vendor; DO_NOT_TRACK and a setting stop it',
    release: packageWheel('plotgrid', {
      '__init__.py': py`"""Grids of plots."""
from ._telemetry import report_import
from .grid import Grid

__version__ = "3.1.0"

report_import(__version__)
`,
      '_telemetry.py': py`"""Anonymous usage statistics. Set PLOTGRID_NO_TELEMETRY=1 or DO_NOT_TRACK=1 to switch them off.

What is sent: the version, the Python version, the operating system and a random id made at the first import.
"""
import json
import os
import platform
import threading
import urllib.request
import uuid
from pathlib import Path

ENDPOINT = "https://telemetry.plotgrid.example/v1/import"


def enabled():
    return not any(os.environ.get(name) for name in ("PLOTGRID_NO_TELEMETRY", "DO_NOT_TRACK", "CI"))


def anonymous_id():
    path = Path.home() / ".cache" / "plotgrid" / "id"
    try:
        return path.read_text()
    except OSError:
        value = uuid.uuid4().hex
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value)
        except OSError:
            pass
        return value


def _send(version):
    fields = {
        "version": version,
        "python": platform.python_version(),
        "os": platform.system(),
        "machine": platform.machine(),
        "id": anonymous_id(),
    }
    request = urllib.request.Request(
        ENDPOINT, data=json.dumps(fields).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        urllib.request.urlopen(request, timeout=2).close()
    except OSError:
        pass


def report_import(version):
    if enabled():
        threading.Thread(target=_send, args=(version,), daemon=True).start()
`,
      'grid.py': py`class Grid:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns

    def cells(self):
        for row in range(self.rows):
            for column in range(self.columns):
                yield row, column
`,
    }),
  };
}

/** An error reporter: host name and stack to a DSN that the caller gives. */
export function errorReporter(): LookAlike {
  return {
    why: 'sends host name, release and stack frames on an exception, to the address that the application configures',
    release: packageWheel('crashpost', {
      '__init__.py': py`"""Report exceptions to your own collector."""
import json
import os
import platform
import socket
import sys
import traceback
import urllib.request


class Client:
    def __init__(self, dsn=None, environment="production", send_default_pii=False):
        self.dsn = dsn or os.environ.get("CRASHPOST_DSN")
        self.environment = environment
        self.send_default_pii = send_default_pii

    def event(self, error):
        return {
            "server_name": socket.gethostname(),
            "environment": self.environment,
            "platform": platform.platform(),
            "user": os.environ.get("USER") if self.send_default_pii else None,
            "frames": traceback.format_exception(type(error), error, error.__traceback__),
        }

    def capture_exception(self, error=None):
        error = error or sys.exc_info()[1]
        if not self.dsn or error is None:
            return None
        body = json.dumps(self.event(error)).encode("utf-8")
        request = urllib.request.Request(self.dsn, data=body, headers={"Content-Type": "application/json"})
        return urllib.request.urlopen(request, timeout=5).status

    def install(self):
        previous = sys.excepthook

        def hook(kind, error, trace):
            self.capture_exception(error)
            previous(kind, error, trace)

        sys.excepthook = hook
`,
    }),
  };
}
