// Owns: coloured text on terminals, clean. May import: python-text.ts. Start here: colourLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { py } from '../python-text.ts';

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
