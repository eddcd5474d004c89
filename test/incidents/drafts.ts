// Owns: the common shapes of technique replays: a small wheel whose import does harm, a module whose functions do.
// May import: incident.ts, filler.ts. Start here: importingWheel, callingWheel, techniques.
import { fillerModule } from './filler.ts';
import type { Draft, Replay } from './incident.ts';

interface WheelParts {
  readonly name: string;
  readonly version?: string;
  readonly about: string;
  readonly code: string;
  /** added members; paths start with the import name where they belong to the package */
  readonly files?: Draft['files'];
}

const seedOf = (name: string): number => [...Buffer.from(name)].reduce((sum, byte) => sum + byte, 0);

/** A wheel of two modules; the code runs when the package is imported. */
export function importingWheel(parts: WheelParts): Draft {
  const root = parts.name.replaceAll('-', '_');
  const version = parts.version ?? '1.0.2';
  return {
    kind: 'wheel',
    name: parts.name,
    version,
    files: { [`${root}/core.py`]: fillerModule(`${parts.about}: core.`, 220, seedOf(parts.name)), ...parts.files },
    sites: [
      {
        path: `${root}/__init__.py`,
        form: 'module',
        before: `"""${parts.about}."""\nfrom . import core\n\n__version__ = "${version}"\n`,
        code: parts.code,
        after: '\n__all__ = ["core"]\n',
      },
    ],
  };
}

/** A wheel whose module of that name is the payload: its functions and classes do harm when they are used. */
export function callingWheel(parts: WheelParts & { readonly module: string }): Draft {
  const root = parts.name.replaceAll('-', '_');
  return {
    kind: 'wheel',
    name: parts.name,
    version: parts.version ?? '1.0.2',
    files: {
      [`${root}/__init__.py`]: `"""${parts.about}."""\nfrom .${parts.module} import *\n`,
      [`${root}/core.py`]: fillerModule(`${parts.about}: core.`, 220, seedOf(parts.name)),
      ...parts.files,
    },
    sites: [{ path: `${root}/${parts.module}.py`, form: 'whole', before: '', code: parts.code, after: '' }],
  };
}

/** A maker of replays that share their source and, unless they say otherwise, their remote. */
export function techniques(source: string, remote: string) {
  return (
    id: string,
    title: string,
    runs: string,
    draft: Replay['draft'],
    more: Partial<Pick<Replay, 'lookAlikes' | 'remote' | 'predecessor' | 'isAsReportedOnly' | 'needsName'>> = {},
  ): Replay => ({ id, title, source, runs, remote, draft, lookAlikes: () => [], ...more });
}
