// Owns Python in archives inside the archive: which of them the program runs or imports from, and what they do then.
// May import everything of analysis but analyse.ts, which hands itself over. Start at innerFindings.
import type { Member, NestedArchive, OpenedArchive } from './archive/archive.ts';
import { contextFactor, findingAt } from './detectors/detector.ts';
import { isAside } from './evidence/bundled.ts';
import type { Evidence, FileContext } from './evidence/evidence.ts';
import { launchedIn } from './evidence/launched.ts';
import type { PlacedMember } from './evidence/layout.ts';
import { excerpt } from './python/flow/text.ts';
import type { ExecutionContext, Finding } from './report/finding.ts';

/** Inner archives that are read, and the Python in each. */
const MAX_ARCHIVES = 8;
const MAX_PYTHON_BYTES = 4 * 2 ** 20;
/** What is weaker inside says nothing outside. */
const MIN_SCORE = 5;

type Analyse = (archive: OpenedArchive, context: FileContext) => { readonly findings: readonly Finding[] };

/**
 * Findings about the Python of inner archives that code of this one starts, puts on its path or names. Their paths are
 * `<member>!/<path inside>`; their context is that of the code that reaches them.
 */
export function innerFindings(evidence: Evidence, analyse: Analyse): Finding[] {
  const { context } = evidence;
  const findings: Finding[] = [];
  const reached = reachedArchives(evidence);
  for (const { nested, inner, when } of reached.slice(0, MAX_ARCHIVES)) {
    const file: FileContext = { ...context, filename: nested.path };
    for (const finding of analyse(inner, file).findings) {
      if (finding.path === '' || finding.class === 'note') continue;
      const seen = seenFromOutside(finding, nested.path, when);
      if (seen.score >= MIN_SCORE) findings.push(seen);
    }
  }
  for (const { nested, when } of reached.slice(MAX_ARCHIVES, MAX_ARCHIVES + 1))
    findings.push(unread(nested.path, when));
  return findings;
}

interface Reached {
  readonly nested: NestedArchive;
  /** as it is read: whatever it holds is imported from or started, never built */
  readonly inner: OpenedArchive;
  readonly when: ExecutionContext;
}

/** Inner archives that the program runs or imports from; those that it starts come first. */
function reachedArchives(evidence: Evidence): Reached[] {
  const launched = new Map(launchedIn(evidence).map((l) => [l.placed, l.event.context]));
  const started: Reached[] = [];
  const imported: Reached[] = [];
  for (const nested of evidence.archive.nested) {
    const placed = evidence.layout.members.find((m) => m.path === nested.path);
    const python = pythonOf(nested);
    if (placed === undefined || nested.archive === undefined || python.length === 0 || isAside(placed)) continue;
    const start = launched.get(placed);
    // Large ones are vendored installers and the like; what is started at once is read whatever its size.
    if (start === undefined && python.reduce((sum, m) => sum + m.sizeBytes, 0) > MAX_PYTHON_BYTES) continue;
    const when = start ?? reachedBy(evidence, placed, python);
    if (when === undefined) continue;
    const members = start === undefined ? nested.archive.members : nested.archive.members.map(asStarted);
    const inner: OpenedArchive = { ...nested.archive, members, kind: 'wheel', anomalies: [] };
    (start === undefined ? imported : started).push({ nested, inner, when });
  }
  return [...started, ...imported];
}

/** Decoys before the one that matters must not hide it. */
function unread(path: string, context: ExecutionContext): Finding {
  return findingAt(
    'unread-code',
    { path, line: 0, snippet: '' },
    {
      score: 5,
      class: 'suspicious',
      context,
      message: `Is one of more than ${MAX_ARCHIVES} inner archives with Python in use, and was not read.`,
    },
  );
}

/** Stands for `__main__.py` where that runs at once instead of waiting for a person. */
const STARTED_MAIN = '__started__.py';

function asStarted(member: Member): Member {
  return member.path === '__main__.py' ? { ...member, path: STARTED_MAIN } : member;
}

function pythonOf({ archive }: NestedArchive): readonly Member[] {
  return archive?.members.filter((m) => /\.pyw?$/.test(m.path)) ?? [];
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
  for (const { unit } of evidence.modules) {
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
