// Owns: honest work on pictures and sounds. May import: incident.ts, media.ts, package-wheel.ts.
// Start here: imageTools, audioTools.
import { blob } from '../encoders.ts';
import type { LookAlike } from '../incident.ts';
import { makePng, makeWav } from '../media.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** Reads chunks of PNG files and hides texts in pixels; ships a picture. */
export function imageTools(): LookAlike {
  return {
    why: 'reads the chunks of a PNG and hides or reveals text in its pixels; what it finds is returned as text',
    release: packageWheel('pixelnotes', {
      '__init__.py': py`"""Text in the pixels of pictures."""
import os
import struct
import zlib

SAMPLE = os.path.join(os.path.dirname(__file__), "sample.png")


def chunks(path):
    with open(path, "rb") as stream:
        data = stream.read()
    offset = 8
    while offset < len(data):
        length, kind = struct.unpack(">I4s", data[offset:offset + 8])
        yield kind.decode("ascii"), data[offset + 8:offset + 8 + length]
        offset += 12 + length
        if kind == b"IEND":
            break


def pixels(path):
    packed = b"".join(body for kind, body in chunks(path) if kind == "IDAT")
    return zlib.decompress(packed)


def reveal(path, length):
    """Text from the lowest bits."""
    bits = "".join(str(byte & 1) for byte in pixels(path)[: length * 8])
    return bytes(int(bits[index:index + 8], 2) for index in range(0, len(bits), 8)).decode("utf-8", "replace")
`,
      'sample.png': makePng(160, 120, blob('sample picture', 57_600)),
    }),
  };
}

/** Reads frames of WAV files and undoes a simple scrambling of an archive format. */
export function audioTools(): LookAlike {
  return {
    why: 'downloads samples by name on request, reads WAV frames and un-masks them with a key: the result is sound',
    release: packageWheel('soundshelf', {
      '__init__.py': py`"""A shelf of sounds."""
import os
import urllib.request
import wave
from array import array

BASE = "https://sounds.soundshelf.example/v1/"
KEY = b"\x5a\xc3\x11\x7e"


def fetch(name, folder="."):
    """Download a sound of the collection."""
    path = os.path.join(folder, os.path.basename(name) + ".wav")
    if not os.path.exists(path):
        urllib.request.urlretrieve(BASE + name + ".wav", path)
    return path


def samples(path):
    with wave.open(path, "rb") as sound:
        frames = sound.readframes(sound.getnframes())
    return array("h", frames)


def unmask(frames):
    """Old collections store frames masked with a four byte key."""
    return bytes(byte ^ KEY[index % len(KEY)] for index, byte in enumerate(frames))


def loudness(path):
    values = samples(path)
    return (sum(value * value for value in values) / max(1, len(values))) ** 0.5
`,
      'click.wav': makeWav(blob('click', 8000)),
    }),
  };
}
