// Owns code that runs at every start of the interpreter. Start at startUpCode.
import type { Evidence as Archive } from '../evidence/evidence.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, memberPath } from './detector.ts';

const ID = 'start-up-code';

/** Lines that set up a path or import a module of the archive and call one function of it. */
const ORDINARY: readonly RegExp[] = [
  /^import sys, ?types, ?os;\s*has_mfs = sys\.version_info > \(3, 5\);/,
  /^import sys, ?types, ?os;\s*p = os\.path\.join\(sys\._getframe\(1\)\.f_locals\['sitedir'\]/,
  /^import sys;\s*sys\.__plen = len\(sys\.path\)/,
  /^import sys;\s*new ?= ?sys\.path\[sys\.__plen:\]/,
  /^import os;\s*var = 'SETUPTOOLS_USE_DISTUTILS';\s*enabled = os\.environ\.get\(var, '\w+'\) == 'local';\s*enabled and __import__\('_distutils_hack'\)(?:\.add_shim\(\))?;?\s*$/,
  /^import __editable__[\w.]+;\s*__editable__[\w.]+\.install\(\)\s*$/,
];
/** `import a; a.b()`, `import a.b`, optionally guarded by one environment variable */
const OWN_MODULE = /^import\s+([\w.]+)(?:\s+as\s+\w+)?\s*(?:;\s*[\w.]+\(\s*(?:'[\w.-]*'|"[\w.-]*")?\s*\)\s*)?;?\s*$/;

/** `.pth` lines that execute code, and site hooks. */
export const startUpCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const { placed, line, text } of archive.startUpLines) {
      const trimmed = text.trim();
      if (ORDINARY.some((p) => p.test(trimmed))) continue;
      const own = OWN_MODULE.exec(trimmed)?.[1]?.split('.', 1)[0];
      const isOwn = (own !== undefined && isOfArchive(archive.layout.byPath, own)) || isSwitchedHook(archive, trimmed);
      const score = isOwn ? 2 : leadsTo(archive, placed.path) ? 9 : isPlain(archive, trimmed) ? 3 : 6;
      findings.push(
        findingAt(
          ID,
          { path: placed.path, line, snippet: trimmed },
          {
            score,
            class: 'suspicious',
            context: 'start-up',
            message: isOwn
              ? 'Runs a module of its own at every start of the interpreter.'
              : 'Runs code at every start of the interpreter.',
          },
        ),
      );
    }
    for (const placed of archive.layout.members) {
      if (placed.role !== 'start-up' || placed.local.endsWith('.pth')) continue;
      findings.push(
        findingAt(
          ID,
          { path: placed.path, line: 1, snippet: placed.local },
          {
            score: 7,
            class: 'suspicious',
            context: 'start-up',
            message: 'Puts a site hook in place, which runs at every start of the interpreter.',
          },
        ),
      );
    }
    return findings;
  },
};

const ACTS = new Set([
  'network',
  'dns',
  'process',
  'native',
  'registry',
  'write',
  'persist',
  'install-package',
  'copy',
]);

/** Whether something reached from this file acts on the world. */
function leadsTo(archive: Archive, path: string): boolean {
  return archive.events.some(
    (e) => e.context === 'start-up' && (e.root === path || memberPath(e.site.unit.path) === path) && ACTS.has(e.sink),
  );
}

/**
 * Asks the environment, and imports modules of the archive alone if it says so: how a coverage tool follows child
 * processes. What those modules do is read for itself.
 */
function isSwitchedHook(archive: Archive, line: string): boolean {
  if (!/\bos\.environ\b|\bgetenv\b/.test(line) || !isPlain(archive, line)) return false;
  const names = [...line.matchAll(/\bfrom\s+([A-Za-z_]\w*)[\w.]*\s+import\b|\bimport\s+((?:\w+\s*,\s*)*\w+)/g)].flatMap(
    (m) => (m[1] ?? m[2] ?? '').split(/\s*,\s*/),
  );
  const own = names.filter((n) => isOfArchive(archive.layout.byPath, n));
  return own.length > 0 && names.every((n) => STANDARD.test(n) || own.includes(n));
}

const STANDARD = /^(?:os|sys|importlib|site|types|warnings|sysconfig|pkgutil|atexit|platform|threading)$/;

/** Everything that the line imports is Python's own or of this archive, and nothing in it is put together. */
function isPlain(archive: Archive, line: string): boolean {
  if (
    /b64|base64|decode|marshal|zlib|compile|chr\(|\\x[0-9a-f]{2}.*\\x[0-9a-f]{2}|getattr|subprocess\.|socket\.|urllib|requests\.|\beval\(/.test(
      line,
    ) ||
    line.length > 600
  )
    return false;
  const names = [...line.matchAll(/\b(?:import|from)\s+([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)/g)].flatMap((m) =>
    (m[1] ?? '').split(/\s*,\s*/),
  );
  return names.every((n) => STANDARD.test(n) || isOfArchive(archive.layout.byPath, n) || !line.includes(`from ${n}`));
}

function isOfArchive(byPath: ReadonlyMap<string, unknown>, top: string): boolean {
  for (const path of byPath.keys())
    if (path === `${top}.py` || path.startsWith(`${top}/`) || path.endsWith(`/${top}.py`) || path.includes(`/${top}/`))
      return true;
  return false;
}
