// Owns what a build runs beside setup.py: an in-tree backend, `attr:` directives. Start at buildFacts.
import type { PlacedMember } from './layout.ts';
import type { Sources } from './sources.ts';

export interface BuildFacts {
  /** dotted modules that a build imports */
  readonly modules: readonly string[];
  /** functions of a backend that an installer calls */
  readonly hooks: readonly { readonly module: string; readonly name: string }[];
}

const HOOKS = [
  'build_wheel',
  'build_sdist',
  'build_editable',
  'get_requires_for_build_wheel',
  'get_requires_for_build_sdist',
  'get_requires_for_build_editable',
  'prepare_metadata_for_build_wheel',
  'prepare_metadata_for_build_editable',
];

/** Reads pyproject.toml and setup.cfg as far as they name code. */
export function buildFacts(members: readonly PlacedMember[], sources: Sources): BuildFacts {
  const modules: string[] = [];
  const hooks: { module: string; name: string }[] = [];
  for (const placed of members) {
    if (placed.role !== 'configuration') continue;
    const text = sources.textOf(placed) ?? '';
    for (const match of text.matchAll(/attr\s*[:=]\s*["']?([\w.]+)/g)) {
      const [, dotted = ''] = match;
      modules.push(dotted, dotted.slice(0, Math.max(0, dotted.lastIndexOf('.'))));
    }
    if (decodeEscapes(text).includes('backend-path')) addInTree(members, sources, modules, hooks);
    const backend = /^\s*build-backend\s*=\s*["']([\w.]+)(?::([\w.]+))?["']/m.exec(text);
    if (backend === null) continue;
    const paths = [...(/^\s*backend-path\s*=\s*\[([^\]]*)\]/m.exec(text)?.[1] ?? '').matchAll(/["']([^"']*)["']/g)].map(
      (m) => m[1] ?? '',
    );
    for (const path of ['', ...paths]) {
      const folder = path.replaceAll(/^\.\/?|\/$/g, '').replaceAll('/', '.');
      const module = folder === '' ? (backend[1] ?? '') : `${folder}.${backend[1] ?? ''}`;
      modules.push(module);
      for (const name of HOOKS) hooks.push({ module, name });
    }
    for (const match of text.matchAll(/^\s*(?:path|script|build-script|custom-script)\s*=\s*["']([\w./-]+\.py)["']/gm))
      modules.push((match[1] ?? '').replace(/\.py$/, '').replaceAll('/', '.'));
    if (/tool\.hatch\.build\.hooks\.custom/.test(text)) modules.push('hatch_build');
    if (/tool\.poetry\.build|tool\.pdm\.build/.test(text)) modules.push('build', 'pdm_build');
  }
  return { modules: [...new Set(modules.filter((m) => m !== ''))], hooks };
}

/** TOML may write any character of a quoted key or value as an escape. */
function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|x([0-9a-f]{2}))/gi,
    (whole, short?: string, long?: string, byte?: string) => {
      const code = Number.parseInt(short ?? long ?? byte ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const HOOK_AT_TOP = new RegExp(`^[ \\t]*(?:def[ \\t]+)?(?:${HOOKS.join('|')})[ \\t]*[(=]`, 'm');

/**
 * A backend inside the archive needs the key `backend-path`. What it names can be spelled in many ways (inline tables, quoted
 * and dotted keys, decoys in other tables), so each module that has a hook at its top counts as the backend.
 */
function addInTree(
  members: readonly PlacedMember[],
  sources: Sources,
  modules: string[],
  hooks: { module: string; name: string }[],
): void {
  for (const placed of members) {
    if (!placed.local.endsWith('.py')) continue;
    if (!HOOK_AT_TOP.test(sources.textOf(placed) ?? '')) continue;
    const module = placed.local.replace(/(?:\/__init__)?\.py$/, '').replaceAll('/', '.');
    modules.push(module);
    for (const name of HOOKS) hooks.push({ module, name });
  }
}
