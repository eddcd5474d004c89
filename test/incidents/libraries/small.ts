// Owns: small clean libraries of one or two modules: attribute dictionaries, number words, terminal colours.
// May import: the filler. Start here: any of the exported functions.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerCode } from '../filler.ts';
import { py } from '../python-text.ts';

/** A dictionary with attribute access: one module, 60 lines. */
export const CONTEXT_MODULE = py`"""A minimal but opinionated dict/object combo (like Bunch, but better)."""

__all__ = ["Ctx"]


class Ctx(dict):
    """A dict whose keys are attributes too.

    >>> c = Ctx(name="x")
    >>> c.name
    'x'
    """

    def __init__(self, *args, **kwargs):
        super(Ctx, self).__init__(*args, **kwargs)

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name)

    def __repr__(self):
        pairs = ", ".join("%s=%r" % pair for pair in sorted(self.items()))
        return "Ctx(%s)" % pairs

    def copy(self):
        return Ctx(self)

    def pick(self, *names):
        """A smaller context with these names."""
        return Ctx((name, self[name]) for name in names if name in self)
`;

/** Numbers to words in a few languages, about 500 lines. */
export function numberWordsLibrary(): FileMap {
  return {
    'num2words/__init__.py': py`"""Convert numbers to words in several languages."""
from __future__ import unicode_literals

from . import lang_DE, lang_EN, lang_FR

CONVERTER_CLASSES = {
    "de": lang_DE.Num2Word_DE(),
    "en": lang_EN.Num2Word_EN(),
    "fr": lang_FR.Num2Word_FR(),
}

CONVERTES_TYPES = ["cardinal", "ordinal", "ordinal_num", "year", "currency"]


def num2words(number, ordinal=False, lang="en", to="cardinal", **kwargs):
    """Words of a number; lang may carry a region, which is ignored when unknown."""
    if lang not in CONVERTER_CLASSES:
        lang = lang[:2]
    if lang not in CONVERTER_CLASSES:
        raise NotImplementedError(lang)
    converter = CONVERTER_CLASSES[lang]
    if isinstance(number, str):
        number = converter.str_to_number(number)
    if ordinal:
        to = "ordinal"
    if to not in CONVERTES_TYPES:
        raise NotImplementedError(to)
    return getattr(converter, "to_" + to)(number, **kwargs)
`,
    'num2words/base.py': py`"""The algorithm that all languages share."""
from __future__ import unicode_literals

from decimal import Decimal


class Num2Word_Base(object):
    units = []
    tens = []
    high = [(10 ** 9, "billion"), (10 ** 6, "million"), (1000, "thousand"), (100, "hundred")]
    join_tens = "-"
    minus = "minus"
    point = "point"

    def str_to_number(self, value):
        return Decimal(value)

    def below_hundred(self, number):
        if number < 20:
            return self.units[number]
        ten, one = divmod(number, 10)
        return self.tens[ten] + (self.join_tens + self.units[one] if one else "")

    def to_cardinal(self, number):
        if number != int(number):
            return self.to_cardinal_float(number)
        number = int(number)
        if number < 0:
            return self.minus + " " + self.to_cardinal(-number)
        for value, word in self.high:
            if number >= value:
                head, rest = divmod(number, value)
                text = "%s %s" % (self.to_cardinal(head), word)
                return text + (" " + self.to_cardinal(rest) if rest else "")
        return self.below_hundred(number)

    def to_cardinal_float(self, number):
        whole, _, digits = str(number).partition(".")
        words = [self.to_cardinal(int(whole)), self.point]
        words.extend(self.to_cardinal(int(digit)) for digit in digits)
        return " ".join(words)

    def to_ordinal(self, number):
        return self.to_cardinal(number)

    def to_ordinal_num(self, number):
        return str(number)

    def to_year(self, number):
        return self.to_cardinal(number)

    def to_currency(self, number, currency="EUR", cents=True):
        whole, part = divmod(int(round(number * 100)), 100)
        text = "%s %s" % (self.to_cardinal(whole), currency)
        return text + (", %s cents" % self.to_cardinal(part) if cents else "")
`,
    'num2words/lang_EN.py': language(
      'EN',
      'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
      'twenty thirty forty fifty sixty seventy eighty ninety',
      'zero',
    ),
    'num2words/lang_DE.py': language(
      'DE',
      'eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn',
      'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig',
      'null',
    ),
    'num2words/lang_FR.py': language(
      'FR',
      'un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf',
      'vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix',
      'zéro',
    ),
    'num2words/tables.py': `"""Tables of currencies."""\n\n\n${fillerCode(160, 21)}`,
  };
}

function language(code: string, units: string, tens: string, zero: string): string {
  return py`# -*- coding: utf-8 -*-
"""Words of the language ${code}."""
from __future__ import unicode_literals

from .base import Num2Word_Base


class Num2Word_${code}(Num2Word_Base):
    units = "${zero} ${units}".split()
    tens = [""] * 2 + "${tens}".split()
`;
}

/** Coloured text on terminals, under any import name: about 200 lines. */
export function colourLibrary(root: string): FileMap {
  return {
    [`${root}/__init__.py`]: py`"""Coloured text on terminals."""
from .ansi import Back, Cursor, Fore, Style
from .initialise import colorama_text, deinit, init, reinit
from .ansitowin32 import AnsiToWin32

__version__ = "0.4.6"
`,
    [`${root}/ansi.py`]: py`"""ANSI sequences as attributes."""

CSI = "\033["
OSC = "\033]"
BEL = "\a"


def code_to_chars(code):
    return CSI + str(code) + "m"


def set_title(title):
    return OSC + "2;" + title + BEL


class AnsiCodes(object):
    def __init__(self):
        for name in dir(self):
            if not name.startswith("_"):
                setattr(self, name, code_to_chars(getattr(self, name)))


class AnsiCursor(object):
    def UP(self, n=1):
        return CSI + str(n) + "A"

    def DOWN(self, n=1):
        return CSI + str(n) + "B"

    def POS(self, x=1, y=1):
        return CSI + str(y) + ";" + str(x) + "H"


class AnsiFore(AnsiCodes):
    BLACK = 30
    RED = 31
    GREEN = 32
    YELLOW = 33
    BLUE = 34
    MAGENTA = 35
    CYAN = 36
    WHITE = 37
    RESET = 39


class AnsiBack(AnsiCodes):
    BLACK = 40
    RED = 41
    GREEN = 42
    RESET = 49


class AnsiStyle(AnsiCodes):
    BRIGHT = 1
    DIM = 2
    NORMAL = 22
    RESET_ALL = 0


Fore = AnsiFore()
Back = AnsiBack()
Style = AnsiStyle()
Cursor = AnsiCursor()
`,
    [`${root}/initialise.py`]: py`"""Wrap the standard streams."""
import atexit
import contextlib
import sys

from .ansitowin32 import AnsiToWin32

orig_stdout = None
orig_stderr = None
atexit_done = False


def reset_all():
    if orig_stdout is not None:
        AnsiToWin32(orig_stdout).reset_all()


def init(autoreset=False, convert=None, strip=None, wrap=True):
    global orig_stdout, orig_stderr, atexit_done
    orig_stdout, orig_stderr = sys.stdout, sys.stderr
    if wrap:
        sys.stdout = AnsiToWin32(sys.stdout, convert, strip, autoreset).stream
        sys.stderr = AnsiToWin32(sys.stderr, convert, strip, autoreset).stream
    if not atexit_done:
        atexit.register(reset_all)
        atexit_done = True


def deinit():
    if orig_stdout is not None:
        sys.stdout = orig_stdout
    if orig_stderr is not None:
        sys.stderr = orig_stderr


def reinit():
    init()


@contextlib.contextmanager
def colorama_text(*args, **kwargs):
    init(*args, **kwargs)
    try:
        yield
    finally:
        deinit()
`,
    [`${root}/ansitowin32.py`]: py`"""Strip or convert ANSI sequences where a console does not know them."""
import os
import re
import sys

ANSI_CSI_RE = re.compile("\001?\033\\[((?:\\d|;)*)([a-zA-Z])\002?")


class StreamWrapper(object):
    def __init__(self, wrapped, converter):
        self.__wrapped = wrapped
        self.__convertor = converter

    def __getattr__(self, name):
        return getattr(self.__wrapped, name)

    def write(self, text):
        self.__convertor.write(text)

    def isatty(self):
        if "PYCHARM_HOSTED" in os.environ and self.__wrapped is sys.__stdout__:
            return True
        return getattr(self.__wrapped, "isatty", lambda: False)()


class AnsiToWin32(object):
    def __init__(self, wrapped, convert=None, strip=None, autoreset=False):
        self.wrapped = wrapped
        self.autoreset = autoreset
        self.stream = StreamWrapper(wrapped, self)
        self.strip = (os.name == "nt" or not self.stream.isatty()) if strip is None else strip

    def write(self, text):
        self.wrapped.write(ANSI_CSI_RE.sub("", text) if self.strip else text)
        if self.autoreset:
            self.reset_all()

    def reset_all(self):
        if not self.strip and not getattr(self.wrapped, "closed", False):
            self.wrapped.write("\033[0m")
`,
  };
}

/** An HTTP client in the manner of requests, about 450 lines, as an sdist without setup.py. */
export function httpClientLibrary(root: string): FileMap {
  return {
    [`${root}/__init__.py`]: py`"""HTTP for humans, without connection pools."""
from .api import delete, get, head, patch, post, put, request
from .models import Response
from .sessions import Session

__title__ = "${root}"
__version__ = "2.27.1"
`,
    [`${root}/api.py`]: py`"""The functions most people use."""
from . import sessions


def request(method, url, **kwargs):
    with sessions.Session() as session:
        return session.request(method=method, url=url, **kwargs)


def get(url, params=None, **kwargs):
    return request("get", url, params=params, **kwargs)


def head(url, **kwargs):
    kwargs.setdefault("allow_redirects", False)
    return request("head", url, **kwargs)


def post(url, data=None, json=None, **kwargs):
    return request("post", url, data=data, json=json, **kwargs)


def put(url, data=None, **kwargs):
    return request("put", url, data=data, **kwargs)


def patch(url, data=None, **kwargs):
    return request("patch", url, data=data, **kwargs)


def delete(url, **kwargs):
    return request("delete", url, **kwargs)
`,
    [`${root}/sessions.py`]: py`"""Sessions: cookies, headers, authentication and redirects over several requests."""
import json as jsonlib
import netrc
import os
from urllib import error, parse
from urllib import request as urlrequest

from .models import Response


def get_netrc_auth(url):
    """Login for the host from the user's netrc file, which is sent to that very host."""
    path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    if not os.path.exists(path):
        return None
    try:
        entry = netrc.netrc(path).authenticators(parse.urlsplit(url).hostname or "")
    except (netrc.NetrcParseError, OSError):
        return None
    return (entry[0] or "", entry[2] or "") if entry else None


class Session:
    def __init__(self):
        self.headers = {"User-Agent": "${root}/2.27.1", "Accept": "*/*"}
        self.auth = None
        self.trust_env = True
        self.cookies = {}

    def prepare(self, method, url, params, data, json, headers):
        if params:
            separator = "&" if parse.urlsplit(url).query else "?"
            url = url + separator + parse.urlencode(params)
        merged = {**self.headers, **(headers or {})}
        body = None
        if json is not None:
            body = jsonlib.dumps(json).encode("utf-8")
            merged["Content-Type"] = "application/json"
        elif isinstance(data, dict):
            body = parse.urlencode(data).encode("ascii")
        elif data is not None:
            body = data if isinstance(data, bytes) else str(data).encode("utf-8")
        return urlrequest.Request(url, data=body, headers=merged, method=method.upper())

    def request(self, method, url, params=None, data=None, json=None, headers=None, timeout=None, allow_redirects=True):
        prepared = self.prepare(method, url, params, data, json, headers)
        auth = self.auth or (get_netrc_auth(url) if self.trust_env else None)
        if auth:
            import base64

            token = base64.b64encode(("%s:%s" % auth).encode("utf-8")).decode("ascii")
            prepared.add_header("Authorization", "Basic " + token)
        try:
            raw = urlrequest.urlopen(prepared, timeout=timeout)
        except error.HTTPError as failure:
            raw = failure
        return Response(raw, url)

    def get(self, url, **kwargs):
        return self.request("GET", url, **kwargs)

    def close(self):
        self.cookies.clear()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
`,
    [`${root}/models.py`]: py`"""Responses."""
import json


class HTTPError(IOError):
    pass


class Response:
    def __init__(self, raw, url):
        self.status_code = raw.status
        self.headers = dict(raw.headers)
        self.url = url
        self.content = raw.read()
        self.encoding = "utf-8"

    @property
    def text(self):
        return self.content.decode(self.encoding, "replace")

    @property
    def ok(self):
        return self.status_code < 400

    def json(self):
        return json.loads(self.text)

    def raise_for_status(self):
        if not self.ok:
            raise HTTPError("%s for url: %s" % (self.status_code, self.url))
`,
    [`${root}/status_codes.py`]: `"""Names of status codes."""\n\n\n${fillerCode(150, 31)}`,
  };
}
