// Owns: honest archives inside archives. May import: incident.ts, support/make-zip.ts, package-wheel.ts. Start here: zipAppTool.
import { makeZip } from '../../support/make-zip.ts';
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A builder of zip applications that ships its bootstrap as one. */
export function zipAppTool(): LookAlike {
  return {
    why: 'ships a zip application as the bootstrap of the applications that it builds, and time zone data in a zip',
    release: packageWheel('zipbench', {
      '__init__.py': py`"""Build single file applications."""
import os
import shutil
import stat
import zipfile

BOOTSTRAP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap.pyz")


def build(folder, target, interpreter="/usr/bin/env python3"):
    """Zip a folder behind the bootstrap."""
    with open(target, "wb") as stream:
        stream.write(("#!%s\n" % interpreter).encode())
        with open(BOOTSTRAP, "rb") as bootstrap:
            shutil.copyfileobj(bootstrap, stream)
    with zipfile.ZipFile(target, "a") as archive:
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                archive.write(path, os.path.relpath(path, folder))
    os.chmod(target, os.stat(target).st_mode | stat.S_IEXEC)


def zone(name):
    with zipfile.ZipFile(os.path.join(os.path.dirname(__file__), "zones.zip")) as archive:
        return archive.read(name)
`,
      'bootstrap.pyz': makeZip([
        {
          name: '__main__.py',
          content:
            'import runpy\nimport sys\n\nsys.path.insert(0, sys.argv[0])\nrunpy.run_module("app", run_name="__main__")\n',
        },
      ]),
      'zones.zip': makeZip([
        { name: 'Europe/Berlin', content: 'CET-1CEST,M3.5.0,M10.5.0/3\n' },
        { name: 'UTC', content: 'UTC0\n' },
      ]),
    }),
  };
}
