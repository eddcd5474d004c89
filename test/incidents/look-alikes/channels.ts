// Owns: honest mail and file transfer, to hosts and with credentials of the caller. May import: incident.ts, package-wheel.ts.
// Start here: mailer, fileSync.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** Sends mail through the caller's server, logs to the caller's collector. */
export function mailer(): LookAlike {
  return {
    why: 'server, login and message come from the caller or from settings in the environment; nothing is read beside them',
    release: packageWheel('postbote', {
      '__init__.py': py`"""Mail and notifications."""
import logging
import logging.handlers
import os
import smtplib
import socket
import ssl
from email.message import EmailMessage


class Mailer:
    def __init__(self, host=None, port=587, user=None, password=None):
        self.host = host or os.environ.get("POSTBOTE_HOST", "localhost")
        self.port = port
        self.user = user or os.environ.get("POSTBOTE_USER")
        self.password = password or os.environ.get("POSTBOTE_PASSWORD")

    def send(self, sender, recipients, subject, body, attachments=()):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients), subject
        message["X-Mailer"] = "postbote on " + socket.gethostname()
        message.set_content(body)
        for path in attachments:
            with open(path, "rb") as stream:
                message.add_attachment(stream.read(), maintype="application", subtype="octet-stream", filename=os.path.basename(path))
        with smtplib.SMTP(self.host, self.port) as server:
            server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password or "")
            server.send_message(message)


def log_to(host, path="/log", secure=True, level=logging.ERROR):
    """Send log records to a collector of the caller."""
    handler = logging.handlers.HTTPHandler(host, path, method="POST", secure=secure)
    handler.setLevel(level)
    logging.getLogger().addHandler(handler)
    return handler
`,
    }),
  };
}

/** Copies folders of the caller to servers and buckets of the caller. */
export function fileSync(): LookAlike {
  return {
    why: 'copies the folder that the caller names to the server or bucket that the caller names, with the caller’s keys',
    release: packageWheel('tidewater-sync', {
      '__init__.py': py`"""Copies of folders on other machines."""
import ftplib
import os
from pathlib import Path


def walk(folder):
    root = Path(folder).expanduser()
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path, path.relative_to(root).as_posix()


def to_sftp(folder, host, user, key_filename="~/.ssh/id_ed25519", remote="."):
    import paramiko

    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.connect(host, username=user, key_filename=os.path.expanduser(key_filename))
    with client.open_sftp() as sftp:
        for path, name in walk(folder):
            sftp.put(str(path), remote + "/" + name)
    client.close()


def to_ftp(folder, host, user, password):
    with ftplib.FTP_TLS(host, user, password) as server:
        server.prot_p()
        for path, name in walk(folder):
            with open(path, "rb") as stream:
                server.storbinary("STOR " + name, stream)


def to_bucket(folder, bucket, prefix="", endpoint_url=None):
    import boto3

    client = boto3.client("s3", endpoint_url=endpoint_url)
    for path, name in walk(folder):
        client.upload_file(str(path), bucket, prefix + name)
`,
    }),
  };
}
