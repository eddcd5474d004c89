// Owns Python in archives inside the archive: which of them the program runs or imports from, and what they do then.
// May import everything of analysis but analyse.ts, which hands itself over. Start at innerFindings.
import type { Member, NestedArchive, OpenedArchive } from './archive/archive.ts';
import { contextFactor } from './detectors/detector.ts';
import { isAside } from './evidence/bundled.ts';
import type { Evidence, FileContext } from './evidence/evidence.ts';
import { launchedIn } from './evidence/launched.ts';
import type { PlacedMember } from './evidence/layout.ts';
import { excerpt } from './python/flow/text.ts';
import type { ExecutionContext, Finding } from './report/finding.ts';

/** Inner archives that are read, and the Python in each. */
const MAX_ARCHIVES = 12;
const MAX_PYTHON_BYTES = 4 * 2 ** 20;
/** What is weaker inside says nothing outside. */
const MIN_SCORE = 5;

type Analyse = (archive: OpenedArchive, context: FileContext) => { readonly findings: readonly Finding[] };

/**
 * Findings about the Python of inner archives that code of this one starts, puts on its path or names. Their paths are
 * `<member>!/<path inside>`; their context is that of the code that reaches them.
 */
export function innerFindings(evidence: Evidence, analyse: Analyse): Finding[] {
  const { archive, layout, context } = evidence;
  const findings: Finding[] = [];
  const launched = new Map(launchedIn(evidence).map((l) => [l.placed, l.event.context]));
  let read = 0;
  for (const nested of archive.nested) {
    const placed = layout.members.find((m) => m.path === nested.path);
    const python = pythonOf(nested);
    if (placed === undefined || nested.archive === undefined || python.length === 0 || isAside(placed)) continue;
    const start = launched.get(placed);
    const reached = start ?? reachedBy(evidence, placed, python);
    if (reached === undefined || read++ >= MAX_ARCHIVES) continue;
    // Whatever it holds, it is imported from or started, never built.
    const members = start === undefined ? nested.archive.members : nested.archive.members.map(asStarted);
    const inner: OpenedArchive = { ...nested.archive, members, kind: 'wheel', nested: [], anomalies: [] };
    const file: FileContext = { ...context, filename: placed.path };
    for (const finding of analyse(inner, file).findings) {
      if (finding.path === '' || finding.class === 'note') continue;
      const seen = seenFromOutside(finding, nested.path, reached);
      if (seen.score >= MIN_SCORE) findings.push(seen);
    }
  }
  return findings;
}

/** Stands for `__main__.py` where that runs at once instead of waiting for a person. */
const STARTED_MAIN = '__started__.py';

function asStarted(member: Member): Member {
  return member.path === '__main__.py' ? { ...member, path: STARTED_MAIN } : member;
}

function pythonOf({ archive }: NestedArchive): readonly Member[] {
  const python = archive?.members.filter((m) => /\.pyw?$/.test(m.path)) ?? [];
  return python.reduce((sum, m) => sum + m.sizeBytes, 0) <= MAX_PYTHON_BYTES ? python : [];
}

/** When the program imports from an archive: its name, or a module that only it holds, stands in the code. */
function reachedBy(evidence: Evidence, placed: PlacedMember, python: readonly Member[]): ExecutionContext | undefined {
  const name = placed.local.slice(placed.local.lastIndexOf('/') + 1);
  const tops = [...new Set(python.map((m) => (m.path.split('/')[0] ?? '').replace(/\.pyw?$/, '')))]
    .filter((t) => /^[A-Za-z_]\w{2,}$/.test(t) && t !== '__main__' && t !== 'setup')
    .filter((t) => !evidence.layout.byPath.has(`${t}/__init__.py`) && !evidence.layout.byPath.has(`${t}.py`))
    .slice(0, 40);
  const imports =
    tops.length === 0 ? undefined : new RegExp(`^[ \\t]*(?:import|from)[ \\t]+(?:${tops.join('|')})\\b`, 'm');
  for (const { unit, placed: source } of evidence.modules) {
    if (source.role === 'test') continue;
    if (unit.text.includes(name)) return 'import';
    if (imports?.test(unit.text) === true && /\bsys\.path\b|zipimport|\.zip\b|\.whl\b|\.egg\b/.test(unit.text))
      return 'import';
  }
  return undefined;
}

function seenFromOutside(finding: Finding, outer: string, reached: ExecutionContext): Finding {
  const inside = (path: string): string =>
    path === '' ? outer : `${outer}!/${path.replace(STARTED_MAIN, '__main__.py')}`;
  const before = contextFactor(finding.context);
  const isRaised = before > 0 && contextFactor(reached) > before;
  const score = isRaised
    ? Math.min(10, Math.round((finding.score / before) * contextFactor(reached) * 10) / 10)
    : finding.score;
  return {
    ...finding,
    score,
    context: isRaised ? reached : finding.context,
    path: inside(finding.path),
    message: `${finding.message.replace(/\.$/, '')} (in ${excerpt(outer.slice(outer.lastIndexOf('/') + 1), 60)}).`,
    chain: finding.chain.map((link) => ({ ...link, path: inside(link.path) })),
  };
}
