// Which members decide what runs: these must be readable, or the archive is not scanned.

/** Extensions that Python, its installers or an operating system execute, or that tell an installer what to execute. */
const CODE = new Set(
  (
    'py pyw pyi pyx pxd pyc pyo pth start egg-link cfg toml ini in json yaml yml txt sh bash zsh fish command bat cmd ps1 psm1 vbs vbe ' +
    'js mjs cjs jse wsf hta lua rb pl php r ts so pyd dll dylib exe scr com msi lnk desktop service plist reg jar class ' +
    'ipynb j2 jinja jinja2 tmpl template c h cc cpp cxx hpp rs go cmake mk am ac m4 dockerfile'
  ).split(' '),
);
/** Python source and what an interpreter or installer runs without being asked. */
const PYTHON = new Set(['py', 'pyw', 'pth', 'start']);
const CODE_NAMES = new Set([
  'metadata',
  'pkg-info',
  'record',
  'wheel',
  'entry_points.txt',
  'top_level.txt',
  'setup',
  'configure',
  'makefile',
  'dockerfile',
  'manifest.in',
]);

/** The last part of a path, lower case. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}

/** Extension in lower case without the dot; empty without one. */
export function extension(path: string): string {
  const name = lastPart(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1);
}

/** Something runs it or reads instructions from it: kept in memory first where memory is short. */
export function isCode(path: string): boolean {
  const kind = extension(path);
  return kind === '' || CODE.has(kind) || CODE_NAMES.has(lastPart(path));
}

/** The interpreter itself runs it: when it cannot be read, the archive has not been scanned. */
export function isPython(path: string): boolean {
  return PYTHON.has(extension(path));
}

const PROSE = new Set(['md', 'markdown', 'rst', 'adoc']);

/** A page for readers: neither an interpreter nor a build takes instructions from it. */
export function isProse(path: string): boolean {
  return PROSE.has(extension(path));
}

const NATIVE = new Set(['so', 'pyd', 'dll', 'dylib', 'exe', 'pyc']);

/** Python or machine code: what runs when it is imported or started. */
export function isExecutable(path: string): boolean {
  return isPython(path) || NATIVE.has(extension(path));
}
