// Owns programs of a distribution that lie on the PATH as they are, most of them without `.py`. May import python, layout,
// sources. Start at readScripts.
import { elementsOf } from '../python/flow/elements.ts';
import type { Machine } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import { ROOT_STEPS, ROOT_UNIT, type Run } from './install.ts';
import type { Layout, PlacedMember } from './layout.ts';
import type { Sources } from './sources.ts';

const MAX_SCRIPTS = 100;
/** A first line that asks for Python: `#!/usr/bin/env python3`, or what an installer puts in its place, `#!python`. */
const PYTHON = /^#!.{0,200}\bpython/i;

/** Members that `setup(scripts=…)` names; in a wheel, what stands in its folder for scripts. */
function scriptsIn({ setups }: Machine, { kind, members, byPath }: Layout): readonly PlacedMember[] {
  if (kind === 'wheel') return members.filter(({ role }) => role === 'script').slice(0, MAX_SCRIPTS);
  const found: PlacedMember[] = [];
  for (const { keywords } of setups) {
    const named = keywords.get('scripts');
    if (named === undefined) continue;
    for (const element of elementsOf(named) ?? [named]) {
      const path = textOf(element).replaceAll('\\', '/');
      const placed = byPath.get(path.replace(/^(?:‹here›\/|\.\/)+/, ''));
      // A list that a search makes: what lies where scripts do.
      found.push(...(placed !== undefined ? [placed] : path.includes('‹') ? members.filter(isInScripts) : []));
    }
  }
  return found.slice(0, MAX_SCRIPTS);
}

function isInScripts({ local }: PlacedMember): boolean {
  return /^(?:bin|scripts?)\/[^/.]+$/.test(local);
}

function isPython({ local, member }: PlacedMember): boolean {
  return /\.pyw?$/.test(local) || PYTHON.test(Buffer.from(member.head.subarray(0, 256)).toString('latin1'));
}

/** Reads each script as a person who types its name would start it. */
export function readScripts(machine: Machine, layout: Layout, sources: Sources, run: Run): void {
  for (const placed of scriptsIn(machine, layout)) {
    if (!isPython(placed) || machine.loaded.has(placed.path)) continue;
    const parsed = sources.findScript(placed.local, ROOT_UNIT);
    if (parsed === undefined) continue;
    const unit = { ...parsed.unit, module: '' };
    run(placed.path, 'entry-point', ROOT_STEPS, () => void machine.load({ ...parsed, unit }));
  }
}
