// Owns: honest talk with other machines: kernels, ssh, messengers, name servers. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

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
