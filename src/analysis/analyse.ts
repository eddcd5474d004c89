// Owns the way from an opened archive to what a scan report says of it. May import everything of analysis. Start at analyse.
import { anomalyFindings } from './archive/anomaly-findings.ts';
import type { OpenedArchive } from './archive/archive.ts';
import { DETECTORS } from './detectors/index.ts';
import type { Evidence, FileContext } from './evidence/evidence.ts';
import { gather } from './evidence/gather.ts';
import { hostsIn } from './evidence/hosts.ts';
import { innerFindings } from './inner-archives.ts';
import { codePrints, descriptionPrints } from './prints.ts';
import type { Finding } from './report/finding.ts';
import type { ReleaseSummary } from './report/scan-report.ts';
import { combineScore, strongestFirst } from './report/score.ts';

const MAX_FINDINGS = 200;
const MAX_MEMBERS = 20_000;
const MAX_HOSTS = 500;

export interface AnalysisResult {
  readonly score: number;
  readonly findings: readonly Finding[];
  readonly summary: ReleaseSummary;
}

/**
 * Judges nothing: says what the bytes do. Deterministic: budgets are counted in steps, never in time.
 *
 * @throws only for a bug: hostile content gives findings
 */
export function analyse(archive: OpenedArchive, context: FileContext): AnalysisResult {
  const evidence = gather(archive, context);
  const findings: Finding[] = [...anomalyFindings(archive.anomalies)];
  for (const detector of DETECTORS) findings.push(...detector.detect(evidence));
  findings.push(...innerFindings(evidence, analyse));
  const kept = strongestFirst(
    findings.map((finding) => calm(finding, evidence)),
    MAX_FINDINGS,
  );
  return { score: combineScore(kept), findings: kept, summary: summaryOf(evidence) };
}

/** Share of its points that a suspicion keeps in a test that nothing in the archive imports, or that only it leads to: tests do odd things. */
const IDLE_TEST = 0.6;
/** Share that anything keeps in a function that an sdist's tests alone call. */
const TEST_CALL = 0.4;

/** Malware that an import starts is malware in a test as well: another distribution, or the next release, may import it. */
function calm(finding: Finding, { idleTests }: Evidence): Finding {
  const share =
    finding.context === 'test'
      ? TEST_CALL
      : finding.class === 'suspicious' && (idleTests.has(finding.path) || idleTests.has(finding.chain[0]?.path ?? ''))
        ? IDLE_TEST
        : 1;
  return share === 1 ? finding : { ...finding, score: Math.round(finding.score * share * 10) / 10 };
}

function summaryOf(evidence: Evidence): ReleaseSummary {
  const { archive, layout, modules, events } = evidence;
  const members: Record<string, string> = {};
  for (const { local, member } of layout.members.slice(0, MAX_MEMBERS)) members[local] = member.sha256;
  const hosts = new Set<string>();
  let longestLiteral = 0;
  for (const { unit } of modules) {
    for (const host of hostsIn(unit.text, MAX_HOSTS)) if (hosts.size < MAX_HOSTS) hosts.add(host);
    longestLiteral = Math.max(longestLiteral, longestOf(unit.text));
  }
  return {
    members,
    modules: codePrints(evidence),
    description: descriptionPrints(evidence),
    startUpFiles: layout.members.filter((p) => p.role === 'start-up').map((p) => p.local),
    nativeBinaries: layout.members.filter((p) => isNative(p.member.head)).map((p) => p.local),
    hosts: [...hosts].sort(),
    sinks: [...new Set(events.map((e) => `${e.context}:${e.sink}`))].sort(),
    longestLiteral,
    pythonBytes: evidence.pythonBytes,
    unpackedBytes: archive.unpackedBytes,
    memberCount: archive.members.length,
  };
}

function isNative(head: Uint8Array): boolean {
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  return (
    magic.startsWith('MZ') ||
    magic === '\x7fELF' ||
    magic === '\xcf\xfa\xed\xfe' ||
    magic === '\xca\xfe\xba\xbe' ||
    magic === '\xce\xfa\xed\xfe'
  );
}

/** Longest run between quotes on one line: what an embedded payload looks like. By hand: a pattern overflows V8's stack on megabytes. */
function longestOf(text: string): number {
  let longest = 0;
  let from = 0;
  while (from < text.length) {
    const feed = text.indexOf('\n', from);
    const end = feed < 0 ? text.length : feed;
    // Most lines are shorter than what is looked for.
    if (end - from > MIN_LITERAL) longest = Math.max(longest, longestIn(text, from, end));
    from = end + 1;
  }
  return longest < MIN_LITERAL ? 0 : longest;
}

function longestIn(text: string, from: number, end: number): number {
  let longest = 0;
  let opened = -1;
  let quote = 0;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== DOUBLE_QUOTE && code !== SINGLE_QUOTE) continue;
    if (opened < 0) {
      opened = at;
      quote = code;
    } else if (code === quote) {
      longest = Math.max(longest, at - opened - 1);
      opened = -1;
    }
  }
  return longest;
}

const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
/** characters; shorter ones say nothing of a payload */
const MIN_LITERAL = 200;
