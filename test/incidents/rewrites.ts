// Owns: the ten mechanical rewrites every replay is run under, as pure functions from a replay to another draft of it.
// May import: the sibling text tools and incident.ts. Start here: REWRITES.
import { aliasNames, insertAfterImports, renameDefinitions } from './edit-names.ts';
import { type CutStyle, cutStrings, hoistStrings } from './edit-strings.ts';
import { ENCODERS, type EncoderName } from './encoders.ts';
import { fillerCode } from './filler.ts';
import { type Draft, original, type Replay, remote, type Site } from './incident.ts';
import { indent, statementStarts, tokenize } from './python-text.ts';

/** A mechanical change that leaves what the code does as it was. */
export interface Rewrite {
  /** `group` or `group:variant`; the groups are the ten rewrites */
  readonly id: string;
  /** undefined where the replay has nothing that this rewrite could change */
  readonly apply: (replay: Replay) => Draft | undefined;
}

/** What becomes of one site: the site in its new shape and modules that now stand beside it. */
interface Rewritten {
  readonly site: Site;
  readonly files?: Readonly<Record<string, string>>;
}

type SiteRewrite = (site: Site) => Rewritten | undefined;

function eachSite(id: string, rewrite: SiteRewrite): Rewrite {
  return {
    id,
    apply: (replay) => {
      if (replay.isAsReportedOnly === true) return undefined;
      const draft = original(replay);
      const results = draft.sites.map((site) => ({ site, result: rewrite(site) }));
      if (results.every(({ site, result }) => result === undefined || isSame(site, result))) return undefined;
      return {
        ...draft,
        sites: results.map(({ site, result }) => result?.site ?? site),
        files: Object.assign({}, draft.files, ...results.map(({ result }) => result?.files ?? {})) as Draft['files'],
      };
    },
  };
}

function isSame(site: Site, { site: next, files }: Rewritten): boolean {
  return files === undefined && next.path === site.path && next.code === site.code && next.before === site.before;
}

const inCode = (edit: (code: string, site: Site) => string): SiteRewrite => {
  return (site) => ({ site: { ...site, code: edit(site.code, site) } });
};

/** A new module next to a site, and the statement that imports it there under `alias`. */
function sibling(site: Site, name: string, alias: string): { readonly path: string; readonly statement: string } {
  const folder = site.path.slice(0, site.path.lastIndexOf('/') + 1);
  const path = `${folder}${name}.py`;
  if (site.form === 'line') return { path, statement: `import ${name} as ${alias};` };
  if (site.form === 'setup') {
    const search = 'import os as _os, sys as _sys\n_sys.path.insert(0, _os.path.dirname(_os.path.abspath(__file__)))\n';
    return { path, statement: `${search}import ${name} as ${alias}\n` };
  }
  const isPlain = folder === '' || site.isScript === true || folder.endsWith('.data/purelib/');
  return { path, statement: isPlain ? `import ${name} as ${alias}\n` : `from . import ${name} as ${alias}\n` };
}

function asFunction(code: string, name: string): string {
  return `def ${name}():\n${indent(code)}    return True\n`;
}

/** Statements one a line, for a line of them. */
function lineToModule(code: string): string {
  const tokens = tokenize(code.trim());
  const marks = statementStarts(tokens);
  const split = tokens.map((token, index) => {
    if (token.text === ';' && marks[index]?.depth === 0) return '\n';
    return token.kind === 'space' && tokens[index - 1]?.text === ';' ? '' : token.text;
  });
  return `${split.join('')}\n`;
}

/** Others use names of the code, so they must stay where they are. */
const isImportedFrom = (site: Site): boolean => site.form === 'whole' || site.exports !== undefined;

const moved: SiteRewrite = (site) => {
  const { path, statement } = sibling(site, '_compat_runtime', '_compat');
  if (isImportedFrom(site)) {
    const names = site.exports?.join(', ') ?? '*';
    const fromModule = statement
      .replace('from . import _compat_runtime as _compat', `from ._compat_runtime import ${names}`)
      .replace('import _compat_runtime as _compat', `from _compat_runtime import ${names}`);
    return { site: { ...site, code: fromModule }, files: { [path]: site.code } };
  }
  const module = site.form === 'line' ? lineToModule(site.code) : site.code;
  return {
    site: { ...site, code: site.form === 'line' ? statement.replace(/;$/, '\n') : statement },
    files: { [path]: module },
  };
};

const split: SiteRewrite = (site) => {
  const tables = sibling(site, '_tables', '_t');
  const prefix = '_t.VALUE_';
  const { source, values } = hoistStrings(site.code, prefix);
  if (values.length === 0) return undefined;
  const table = `"""Lookup tables."""\n\n${values.map((value, index) => `VALUE_${index} = ${value}\n`).join('')}`;
  if (site.form === 'line')
    return { site: { ...site, code: `${tables.statement} ${source}` }, files: { [tables.path]: table } };
  if (isImportedFrom(site)) {
    return {
      site: { ...site, code: insertAfterImports(tokenize(source), tables.statement) },
      files: { [tables.path]: table },
    };
  }
  const support = sibling(site, '_runtime_support', '_runtime');
  const module = `"""Runtime support."""\n${tables.statement}\n\n${asFunction(source, 'prepare')}`;
  return {
    site: { ...site, code: `${support.statement}_runtime.prepare()\n` },
    files: { [tables.path]: table, [support.path]: module },
  };
};

const renamed: SiteRewrite = (site) => {
  const isStartUp = site.form === 'line' && site.path.endsWith('.pth');
  const path = isStartUp ? site.path.replace(/[^/]+\.pth$/, 'zz-locale-compat.pth') : site.path;
  return { site: { ...site, path, code: renameDefinitions(site.code, !isImportedFrom(site)) } };
};

type Trigger = (call: string, define: string) => string;

/** Ways to run a function of no arguments when a module is imported, or soon after. */
const TRIGGERS: Readonly<Record<string, Trigger>> = {
  'class-body': (call, define) => `${define}\n\nclass _Defaults:\n    ready = ${call}()\n`,
  atexit: (call, define) => `import atexit\n\n\n${define}\n\natexit.register(${call})\n`,
  thread: (call, define) =>
    `import threading\n\n\n${define}\n\nthreading.Thread(target=${call}, daemon=True).start()\n`,
  timer: (call, define) => `import threading\n\n\n${define}\n\nthreading.Timer(3.0, ${call}).start()\n`,
  decorator: (call, define) =>
    `${define}\n\ndef _registered(function):\n    ${call}()\n    return function\n\n\n@_registered\ndef _noop():\n    return None\n`,
  'default-argument': (call, define) => `${define}\n\ndef _settings(ready=${call}()):\n    return ready\n`,
  'init-subclass': (call, define) =>
    `${define}\n\nclass _Base:\n    def __init_subclass__(cls, **kwargs):\n        ${call}()\n\n\nclass _Plugin(_Base):\n    pass\n`,
  'module-getattr': (call, define) =>
    `${define}\n\ndef __getattr__(name):\n    ${call}()\n    raise AttributeError(name)\n`,
};

function triggered(name: string): SiteRewrite {
  return (site) => {
    const trigger = TRIGGERS[name];
    const isImported = site.form === 'module' && site.isScript !== true;
    if (
      site.exports !== undefined ||
      trigger === undefined ||
      !(isImported || (site.form === 'setup' && name !== 'module-getattr'))
    )
      return undefined;
    return { site: { ...site, code: `\n${trigger('_apply_settings', asFunction(site.code, '_apply_settings'))}\n` } };
  };
}

const cmdclass: SiteRewrite = (site) => {
  if (
    site.exports !== undefined ||
    site.form !== 'setup' ||
    site.after.includes('cmdclass') ||
    !site.after.includes('setup(')
  )
    return undefined;
  const base = 'from setuptools.command.egg_info import egg_info as _egg_info\n\n\n';
  const command =
    'class _Metadata(_egg_info):\n    def run(self):\n        _egg_info.run(self)\n        _apply_settings()\n\n\n';
  const code = `${base}${asFunction(site.code, '_apply_settings')}\n\n${command}`;
  return {
    site: { ...site, code, after: site.after.replace('setup(', 'setup(\n    cmdclass={"egg_info": _Metadata},') },
  };
};

/** Another file that the interpreter runs at every start. */
function startUpFile(name: string): SiteRewrite {
  return (site) => {
    if (site.form !== 'line' || site.path.endsWith(name)) return undefined;
    if (name.endsWith('.pth')) return { site: { ...site, path: name } };
    return { site: { path: name, form: 'module', before: '', code: lineToModule(site.code), after: '' } };
  };
}

const LAUNCHERS: Readonly<Record<EncoderName, (expression: string) => string>> = {
  base64: (e) => `exec(${e})`,
  base85: (e) => `exec(compile(${e}, "<string>", "exec"))`,
  ascii85: (e) => `exec(${e}.decode())`,
  hex: (e) => `eval(compile(${e}, "<module>", "exec"))`,
  zlib: (e) => `getattr(__import__("builtins"), "exec")(${e})`,
  gzip: (e) => `exec(${e}.decode("utf-8"), globals())`,
  xor: (e) => `exec(${e})`,
  reversed: (e) => `(lambda f, s: f(s, globals()))(exec, ${e})`,
  integers: (e) => `__builtins__["exec"](${e}) if isinstance(__builtins__, dict) else __builtins__.exec(${e})`,
};

function encoded(name: EncoderName): SiteRewrite {
  return (site) => {
    // a megabyte written as a list of integers is a size test, not a disguise
    if (name === 'integers' && site.code.length > 20_000) return undefined;
    const layer = ENCODERS[name](Buffer.from(site.code.trimEnd()));
    const launch = LAUNCHERS[name](layer.expression);
    const imports = layer.imports.length === 0 && site.form === 'line' ? ['sys'] : layer.imports;
    const head = imports.length === 0 ? '' : `import ${imports.join(', ')}${site.form === 'line' ? ';' : '\n'}`;
    return { site: { ...site, code: `${head}${launch}\n` } };
  };
}

const wrapped: SiteRewrite = (site) => {
  if (site.exports !== undefined || (site.form !== 'module' && site.form !== 'setup')) return undefined;
  const start = '    def __init__(self, name="default"):\n        self.name = name\n        self._prepare()\n';
  const code = `class _Session:\n${start}\n    def _prepare(self):\n${indent(site.code, 2)}\n\n_Session()\n`;
  return { site: { ...site, code } };
};

const hidden: SiteRewrite = (site) => {
  if (site.form === 'line') {
    const paths = (count: number, seed: string): string =>
      Array.from({ length: count }, (_, index) => `# vendored/${seed}/part_${index}\n`).join('');
    return { site: { ...site, before: site.before + paths(1000, 'a'), after: paths(1000, 'b') + site.after } };
  }
  if (site.form === 'whole') {
    const code = insertAfterImports(tokenize(site.code), `\n\n${fillerCode(1000, 41)}`);
    return { site: { ...site, code: `${code}\n\n${fillerCode(1000, 42)}` } };
  }
  return {
    site: {
      ...site,
      before: `${site.before}\n\n${fillerCode(1000, 41)}`,
      after: `\n\n${fillerCode(1000, 42)}${site.after}`,
    },
  };
};

/** Other classes of host, none of which exists: RFC 2606 names and RFC 5737 addresses. */
const HOSTS: Readonly<Record<string, string>> = {
  'raw-ip': 'http://203.0.113.77:8443',
  paste: 'https://paste.textbin.invalid/raw/k3Jx9QmZ',
  webhook:
    'https://hooks.chat.invalid/api/webhooks/1184736251093844019/h7Qx2vLr9TzKdEwYb4NmUcSa8GfJpXo1RiVt5ZqW3HyBk6DlMj0CnAeOgIuPs',
  tunnel: 'https://b41e-198-51-100-23.tunnel-free.invalid',
};

function fromHost(name: string): Rewrite {
  const base = HOSTS[name] ?? '';
  return {
    id: `hosts:${name}`,
    apply: (replay) => {
      const isFixed = replay.remote === '' || replay.isAsReportedOnly === true;
      return isFixed || (name === 'raw-ip' && replay.needsName === true) ? undefined : replay.draft(remote(base));
    },
  };
}

const CUT_STYLES: readonly CutStyle[] = ['concat', 'join', 'format', 'chr', 'reverse'];

/** The ten rewrites, some in several variants. */
export const REWRITES: readonly Rewrite[] = [
  eachSite('aliases', inCode(aliasNames)),
  eachSite('split', split),
  eachSite('renamed', renamed),
  eachSite('moved', moved),
  ...Object.keys(TRIGGERS).map((name) => eachSite(`trigger:${name}`, triggered(name))),
  eachSite('trigger:cmdclass', cmdclass),
  ...[
    'sitecustomize.py',
    'usercustomize.py',
    '*.data/purelib/zz_paths.pth',
    '*.data/data/lib/python3.12/site-packages/zz_paths.pth',
  ].map((name) =>
    eachSite(
      `trigger:${
        name
          .split('/')
          .pop()
          ?.replace('zz_paths.pth', name.includes('purelib') ? 'purelib-pth' : 'data-pth') ?? name
      }`,
      startUpFile(name),
    ),
  ),
  ...CUT_STYLES.map((style) =>
    eachSite(
      `strings:${style}`,
      inCode((code) => cutStrings(code, style)),
    ),
  ),
  ...(Object.keys(ENCODERS) as EncoderName[]).map((name) => eachSite(`encoder:${name}`, encoded(name))),
  eachSite('class', wrapped),
  eachSite('hidden', hidden),
  ...Object.keys(HOSTS).map(fromHost),
];
