// Owns the plain words of a verdict for people: what it means, why, and what they can do. Pure. Start at explainVerdict.
// One-line texts for installers are the gate's (gate/refusal-text.ts); evidence is the report's.
import type { ScanReport } from '../analysis/report/scan-report.ts';
import type { StoredFile } from './facts.ts';
import { asciiOneLine } from './hostile-text.ts';
import type { Thresholds } from './report-verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * The points of a report against the thresholds in force, e.g. `12.4, refused from 10`. Suspicion alone is held, however
 * high: what would make the difference is said.
 */
export function describeScore(report: Pick<ScanReport, 'score' | 'findings'>, thresholds: Thresholds): string {
  const { refuse, quarantine } = thresholds;
  const points = String(Math.round(report.score * 10) / 10);
  if (report.score < refuse) return `${points}, held from ${quarantine}`;
  const isMalware = report.findings.some((finding) => finding.class === 'malware');
  return isMalware
    ? `${points}, refused from ${refuse}`
    : `${points}, held from ${quarantine} (refused from ${refuse} only with a finding of malware)`;
}

/** A verdict in words. Plain text: escape it for HTML. Nothing in it is controlled by a package unless it was tamed. */
export interface VerdictExplanation {
  /** a few words, e.g. `Held for its age` */
  readonly title: string;
  /** complete sentences, the first says what happens */
  readonly sentences: readonly string[];
  /** what a person can do, most useful first; commands stand in backticks */
  readonly remedies: readonly string[];
}

/** Puts a verdict into words. Who may do what is said in them: a developer asks, an administrator acts. */
export function explainVerdict(verdict: Verdict, file: StoredFile): VerdictExplanation {
  const { title, meaning, remedies } = describe(verdict, file);
  const because = asciiOneLine(verdict.detail, 400);
  const monitored = verdict.wouldHave === undefined ? [] : [describeMonitored(verdict.wouldHave)];
  return {
    title,
    sentences: [meaning, ...(because === '' ? [] : [`The reason: ${because}.`]), ...monitored],
    remedies,
  };
}

interface Words {
  readonly title: string;
  readonly meaning: string;
  readonly remedies: readonly string[];
}

function describe(verdict: Verdict, file: StoredFile): Words {
  switch (verdict.kind) {
    case 'allow':
      return describeAllowed(verdict.reason);
    case 'needs-scan':
      return {
        title: 'Not scanned yet',
        meaning: 'The file is fetched and scanned when somebody asks for it; nothing is served before that.',
        remedies: ['Run the same command again in a minute.'],
      };
    case 'quarantine':
      return describeQuarantined(verdict.reason, file);
    case 'refuse':
      return describeRefused(verdict.reason, file);
  }
}

function describeAllowed(reason: Extract<Verdict, { kind: 'allow' }>['reason']): Words {
  switch (reason) {
    case 'clean':
      return { title: 'Allowed', meaning: 'The file was scanned and is served.', remedies: [] };
    case 'allow-entry':
      return {
        title: 'Allowed by an entry',
        meaning: 'An administrator allowed it; without that it would not be served.',
        remedies: [],
      };
    case 'waiver':
      return {
        title: 'Allowed by a waiver',
        meaning: 'An administrator waived the verdict of this very file.',
        remedies: [],
      };
    case 'monitor':
      return {
        title: 'Allowed in monitor mode',
        meaning: 'Cordon only watches: the file is served although its verdict speaks against it.',
        remedies: ['Set the mode to enforce, so that verdicts decide.'],
      };
  }
}

function describeQuarantined(reason: Extract<Verdict, { kind: 'quarantine' }>['reason'], file: StoredFile): Words {
  switch (reason) {
    case 'suspicious':
      return {
        title: 'Quarantined: a person should look',
        meaning:
          'The file does things that malware does and honest packages seldom do. It is held until somebody has looked.',
        remedies: [
          'Use another version: earlier releases are not affected.',
          `An administrator who finds it harmless releases it: ${waiveCommand(file)}`,
        ],
      };
    case 'unscannable':
      return {
        title: 'Quarantined: it could not be read',
        meaning: 'What cannot be scanned is not served.',
        remedies: [
          'Use another file or version of the project.',
          `An administrator who knows the file releases it: ${waiveCommand(file)}`,
        ],
      };
    case 'sibling-refused':
      return {
        title: 'Quarantined: malware in the same release',
        meaning:
          'Another file of the same release is malware. Whoever could publish that one could also touch this one.',
        remedies: [
          'Use another version, and do not install this release from anywhere else.',
          `If the finding there is a false alarm, an administrator waives that file, or this one: ${waiveCommand(file)}`,
        ],
      };
    case 'changed-upstream':
      return {
        title: 'Quarantined: the release was changed',
        meaning:
          'The release was already out when this file was added to it or replaced. Honest projects publish a new version instead.',
        remedies: [
          'Use another version.',
          `An administrator who has checked the new file releases it: ${waiveCommand(file)}`,
        ],
      };
    case 'cooldown':
      return {
        title: 'Held for its age',
        meaning: 'It is too young: most malware is found and removed within its first days. It is released by itself.',
        remedies: [
          'Wait, or use an older version.',
          `An administrator can let the release through now: ${allowCommand(file)}`,
          'How long what is held is set by `cooldown` in the configuration.',
        ],
      };
    case 'freeze':
      return {
        title: 'Held by the freeze date',
        meaning: 'An administrator froze the index: files that are newer than the freeze date are not served.',
        remedies: [
          'Use an older version.',
          `An administrator can let the release through: ${allowCommand(file)}`,
          'An administrator can move or lift the freeze date.',
        ],
      };
  }
}

function describeRefused(reason: Extract<Verdict, { kind: 'refuse' }>['reason'], file: StoredFile): Words {
  const installed = 'If you have installed this release anywhere, treat that machine and its secrets as compromised.';
  switch (reason) {
    case 'malware':
      return {
        title: 'Refused: malware',
        meaning: 'The scan found a chain of code that does harm. The file is not served.',
        remedies: [
          'Use another version, and check the name of the project letter by letter.',
          installed,
          `If this is a false alarm, an administrator waives this very file: ${waiveCommand(file)}`,
        ],
      };
    case 'feed':
      return {
        title: 'Refused: known malware',
        meaning: 'The release is on a public list of malicious packages. It is not served.',
        remedies: [
          'Use another version, and check the name of the project letter by letter.',
          installed,
          `If the list is wrong, an administrator waives this very file: ${waiveCommand(file)}`,
        ],
      };
    case 'deny-entry':
      return {
        title: 'Refused by your administrator',
        meaning: 'An administrator of this Cordon denied it.',
        remedies: ['Use another version or project, or ask your administrator.'],
      };
    case 'digest-mismatch':
      return {
        title: 'Refused: not the announced bytes',
        meaning:
          'The index announced other bytes than it sent. They were thrown away; nothing of them was stored or served.',
        remedies: [
          'Try again in an hour: the file is fetched anew then.',
          'If it stays, tell the operators of the index.',
        ],
      };
    case 'metadata-mismatch':
      return {
        title: 'Refused: two different metadata',
        meaning:
          'The metadata that the index shows beside the file is not the metadata inside: resolvers would decide by the wrong one.',
        remedies: [
          'Use another version, and tell the project.',
          `An administrator who has compared both waives this very file: ${waiveCommand(file)}`,
        ],
      };
    case 'upstream-quarantined':
      return {
        title: 'Refused: quarantined by the index',
        meaning: 'The operators of the index have put the project in quarantine, as they do with suspected malware.',
        remedies: [
          'Wait until the index has decided.',
          installed,
          `An administrator who needs a file that was clean before waives this very file: ${waiveCommand(file)}`,
        ],
      };
    case 'ambiguous-archive':
      return {
        title: 'Refused: an archive with two meanings',
        meaning:
          'Two programs that unpack it can get different files, so that what was scanned might not be what is installed.',
        remedies: [
          'Use another file or version, and tell the project.',
          `An administrator who has checked the file waives it: ${waiveCommand(file)}`,
        ],
      };
  }
}

function describeMonitored(verdict: Verdict): string {
  return `In enforce mode it would be ${verdict.kind === 'refuse' ? 'refused' : 'held'} (${verdict.reason}): ${asciiOneLine(verdict.detail, 400)}.`;
}

/** The command that waives one file. */
export function waiveCommand({ project, file, sha256 }: StoredFile): string {
  const digest = sha256 === undefined ? '' : ` --sha256 ${sha256}`;
  return `\`cordon allow ${project} --file ${quote(file.filename)}${digest} --reason "why"\``;
}

/** The command that lets one release through before its time. */
export function allowCommand({ project, version }: StoredFile): string {
  const target = version === undefined ? project : quote(`${project}==${version}`);
  return `\`cordon allow ${target} --expires 7d --reason "why"\``;
}

/** Fit for a POSIX shell, whatever an index calls its files. */
function quote(filename: string): string {
  const tamed = asciiOneLine(filename, 300);
  return /^[\w.+!@=-]+$/u.test(tamed) ? tamed : `'${tamed.replaceAll("'", `'\\''`)}'`;
}
