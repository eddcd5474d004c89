// Owns: honest work with folders: caches cleared, archives made. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** Clears its own cache at import, and folders that a person names. */
export function folderCleaner(): LookAlike {
  return {
    why: 'deletes its own cache below the home folder at import, and the folder that its caller names',
    release: packageWheel('tidyfold', {
      '__init__.py': py`"""Folders kept tidy."""
import os
import shutil
import tempfile

CACHE = os.path.join(os.path.expanduser("~"), ".cache", "tidyfold")
shutil.rmtree(os.path.join(CACHE, "stale"), ignore_errors=True)


def empty(folder):
    for root, folders, names in os.walk(folder, topdown=False):
        for name in names:
            os.remove(os.path.join(root, name))
        for name in folders:
            os.rmdir(os.path.join(root, name))


class Scratch:
    def __enter__(self):
        self.path = tempfile.mkdtemp()
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)
`,
    }),
  };
}

/** Packs the folder that a person names into a file that stays where it is. */
export function backupTool(): LookAlike {
  return {
    why: 'packs the folder that its caller names; the archive stays on the machine',
    release: packageWheel('packhome', {
      '__init__.py': py`"""Backups of a folder."""
import os
import shutil
import time


def backup(folder, place):
    stamp = time.strftime("%Y%m%d")
    return shutil.make_archive(os.path.join(place, "backup-" + stamp), "zip", folder)


def restore(archive, folder):
    shutil.unpack_archive(archive, folder)
`,
    }),
  };
}
