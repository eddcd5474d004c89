// Owns: what is known to be missed and what is known to cry wolf, exactly: the suite fails when an entry is out of date.
// May import: nothing. Start here: KNOWN_MISSES.

export interface KnownMiss {
  /** ids of rewrites, `original` for the replay as reported; `every`: all but `except` */
  readonly rewrites: readonly string[] | 'every';
  readonly except?: readonly string[];
  /** what a reader of the bytes would need to see */
  readonly why: string;
}

/** Replay id → what of it is served although it should not be. */
export const KNOWN_MISSES: Readonly<Record<string, KnownMiss>> = {
  '08-ultralytics-miner': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'download, chmod 0o770 and Popen of the same path across two modules (safe_download -> safe_run), with a wallet and pool address among the arguments',
  },
  '12a-sympy-dev': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'memfd_create by syscall number 319, network bytes written to it, execve of /proc/self/fd/N, on call',
  },
  '13-bittensor-wallet': {
    rewrites: [
      'original',
      'aliases',
      'split',
      'renamed',
      'moved',
      'strings:concat',
      'strings:join',
      'strings:format',
      'strings:reverse',
      'hidden',
      'hosts:webhook',
      'hosts:tunnel',
    ],
    why: 'result of decrypt() and a password parameter posted to a constant host through a helper function, DNS labels as fallback',
  },
  '23a-trapdoor-node': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
      'hosts:raw-ip',
      'hosts:paste',
    ],
    why: 'network text handed to node -e at import (program found by shutil.which)',
  },
  '27b-setup-cfg-attr': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
      'hosts:raw-ip',
      'hosts:paste',
    ],
    why: 'version = attr: makes setuptools import the module at build when its value is not static: install context',
  },
  '28b-import-hook': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'sys.meta_path write + Session.__init__ replaced + network in the replacement',
  },
  '28d-reverse-shell': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'console script: socket.connect to a constant host, os.dup2 over (0, 1, 2), subprocess of /bin/sh, in a thread target',
  },
  '29b-embedded-program': {
    rewrites: ['encoder:xor'],
    why: 'import on Windows decodes a program from the source, writes it to the temporary folder and starts it',
  },
  '30b-png-bits': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'exec of text computed from the pixels of a bundled picture: exec of anything that comes from a bundled non-code file',
  },
  '30c-wav-frames': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'python -c with text computed from the frames of a bundled sound',
  },
  '31-zip-on-path': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
      'hosts:raw-ip',
      'hosts:paste',
    ],
    why: 'urlretrieve to a path, sys.path.insert of it, import of a module that is neither in the wheel nor required',
  },
  '32c-dns-resolver': {
    rewrites: 'every',
    except: [
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'environment values, hex, as labels of a name given to gethostbyname',
  },
  '32f-clipper': {
    rewrites: ['split', 'strings:chr', 'strings:reverse'],
    why: 'import watches the clipboard and replaces wallet addresses by constants',
  },
  '33b-zip-on-path': {
    rewrites: 'every',
    except: ['encoder:base64', 'encoder:base85', 'encoder:ascii85', 'encoder:zlib', 'encoder:gzip', 'encoder:reversed'],
    why: 'a bundled zip put on sys.path and imported: its modules are code at import',
  },
  '34b-mapped-builtins': {
    rewrites: ['encoder:hex', 'encoder:xor', 'encoder:integers'],
    why: 'import fetches text from a constant host and executes it',
  },
  '34c-method-decoder': {
    rewrites: ['strings:format'],
    why: 'import decodes a loader that asks a constant host for code, and executes it',
  },
  '34e-wide-letters': {
    rewrites: ['encoder:hex', 'encoder:xor', 'encoder:integers'],
    why: 'import fetches text from a constant host and executes it',
  },
  '34i-escaped-source': {
    rewrites: ['hidden'],
    why: '# coding: raw_unicode_escape turns \\u000a in a comment into a line break',
  },
  '34j-utf7-source': {
    rewrites: ['encoder:hex', 'encoder:xor', 'encoder:integers', 'hidden'],
    why: '# coding: utf-7: decode before parsing',
  },
  '36c-connection': {
    rewrites: [
      'original',
      'aliases',
      'split',
      'renamed',
      'moved',
      'strings:concat',
      'strings:join',
      'strings:format',
      'strings:reverse',
      'hidden',
      'hosts:webhook',
      'hosts:tunnel',
    ],
    why: 'constructor parameters password and key_filename (file content) -> self.settings -> POST to a constant host',
  },
  '36f-sdk-clone': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: "api_key parameter -> json of httpx.post to a second constant host, not the client's base",
  },
  '37c-loaded-neighbour': {
    rewrites: [
      'original',
      'aliases',
      'split',
      'renamed',
      'moved',
      'strings:concat',
      'strings:join',
      'strings:format',
      'strings:reverse',
      'hidden',
      'hosts:webhook',
      'hosts:tunnel',
    ],
    why: 'spec_from_file_location of a path inside the sdist, exec_module, call of its function: install context',
  },
  '38e-launch-agent': {
    rewrites: 'every',
    except: [
      'strings:chr',
      'encoder:base64',
      'encoder:base85',
      'encoder:ascii85',
      'encoder:hex',
      'encoder:zlib',
      'encoder:gzip',
      'encoder:xor',
      'encoder:reversed',
      'encoder:integers',
    ],
    why: 'a plist under Library/LaunchAgents whose ProgramArguments pipe a download into sh, launchctl load',
  },
};

/** Says whether this variant of a replay is known to be served. */
export function isKnownMiss(replayId: string, rewriteId: string): boolean {
  const known = KNOWN_MISSES[replayId];
  if (known === undefined) return false;
  return known.rewrites === 'every' ? known.except?.includes(rewriteId) !== true : known.rewrites.includes(rewriteId);
}

/** Project name of a look-alike, or `<replay id> predecessor` → why it is stopped although it should not be. */
export const KNOWN_FALSE_ALARMS: Readonly<Record<string, string>> = {
  plotgrid:
    'exfiltration suspicious 6 import plotgrid/_telemetry.py:46 Sends files of this machine to telemetry.plotgrid.example.',
  chipfacts:
    'shellcode suspicious 6 call chipfacts/__init__.py:22 Copies bytes into executable memory and starts them.',
  servicectl:
    'persistence suspicious 4 entry-point servicectl/__init__.py:23 Puts something where it starts by itself (.config/systemd).',
};
