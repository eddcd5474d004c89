// Owns scripts of the archive that start by themselves and do harm in their own language. Start at bundledScript.
import { bytesOf } from '../evidence/bundled.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Launched, launchedIn, STARTED_SCRIPT } from '../evidence/launched.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding, Evidence as Link } from '../report/finding.ts';
import type { ScriptFactKind, ScriptFacts } from '../script/facts.ts';
import { languageOfScript, readScript } from '../script/read-script.ts';
import { INTERPRETERS, programPattern } from '../vocabulary/programs.ts';
import { type Detector, findingOf, momentOf } from './detector.ts';

const ID = 'bundled-script';
const MAX_BYTES = 16 * 2 ** 20;
/** A script is read to here; what is longer is judged by its beginning. */
const MAX_TEXT = 1_000_000;

/** Read by converters, run by nobody unless a shell is told to. */
const DOCUMENT = /\.(?:md|markdown|rst|txt|html?|xml|json|ya?ml|toml|cfg|ini|csv|tex|adoc)$/i;
/** What may be told to run a document all the same; the empty name is a program that is not known. */
const RUNS_DOCUMENTS = programPattern(INTERPRETERS, 'source', '');

interface Judgement {
  readonly score: number;
  readonly isMalware: boolean;
  readonly why: string;
}

type Rule = readonly [needed: readonly ScriptFactKind[], score: number, why: string];

const STARTS_PROGRAM = 'downloads a program and starts it';

const HARM: readonly Rule[] = [
  [['pipe-to-shell'], 10, 'runs what it downloads'],
  [['reverse-shell'], 10, 'hands a shell to the network'],
  [['secret-read', 'exfiltration'], 10, 'reads credentials and sends them'],
  [['secret-read', 'dns-exfiltration'], 10, 'reads credentials and sends them'],
  [['secret-read', 'download'], 9, 'reads credentials and reaches the network'],
  [['miner'], 9, 'mines coins'],
  [['persistence', 'download'], 9, 'installs a download for good'],
  [['persistence', 'exfiltration'], 9, 'installs itself and sends data'],
  [['evasion', 'download'], 9, 'weakens protection and downloads'],
  [['dynamic-code', 'download'], 9, 'runs what it downloads'],
  [['obfuscation', 'dynamic-code'], 9, 'hides the code that it runs'],
  [['obfuscation', 'spawn'], 9, 'hides what it starts'],
];
const DOUBT: readonly Rule[] = [
  [['obfuscation'], 8, 'cannot be read'],
  [['download', 'write-executable', 'spawn'], 7, STARTS_PROGRAM],
  [['download', 'spawn'], 6, 'downloads and starts something'],
  [['exfiltration'], 6, 'sends data'],
  [['encoded-command'], 6, 'carries an encoded command'],
  [['secret-read'], 5, 'reads credentials'],
  [['persistence'], 5, 'starts again by itself'],
];

function judge(kinds: ReadonlySet<ScriptFactKind>): Judgement | undefined {
  const matches = ([needed]: Rule): boolean => needed.every((kind) => kinds.has(kind));
  const harm = HARM.find(matches);
  if (harm !== undefined) return { score: harm[1], isMalware: true, why: harm[2] };
  const doubt = DOUBT.find(matches);
  return doubt === undefined ? undefined : { score: doubt[1], isMalware: false, why: doubt[2] };
}

/** Python that was started as a program: what its own calls do. */
function judgePython(archive: Evidence, launched: Launched): Judgement | undefined {
  const { path } = launched.placed;
  const events = archive.events.filter((e) => e.site.unit.path === path);
  const sinks = new Set(events.map((e) => e.sink));
  const isHidden = launched.isHidden || events.some((e) => archive.commands.get(e)?.isHidden === true);
  if (!sinks.has('process') || !sinks.has('network') || !(sinks.has('archive') || sinks.has('permissions')))
    return undefined;
  if (launched.event.context === 'install' && !isHidden) return undefined;
  return {
    score: isHidden ? 9 : 7,
    isMalware: isHidden,
    why: `downloads a program and starts it${isHidden ? ', out of sight' : ''}`,
  };
}

/** A script that shows nothing, and that nobody asked for all the same. Builds do start scripts. */
function judgeStart({ placed, event, through, isHidden }: Launched): Judgement | undefined {
  if (event.context === 'install' || through.length > 0 || !STARTED_SCRIPT.test(placed.local)) return undefined;
  return isHidden
    ? { score: 9, isMalware: true, why: 'nobody asked for and nobody sees' }
    : { score: 6, isMalware: false, why: 'nobody asked for' };
}

/** Whoever runs a build expects it to do something; an import should not. */
function atImport(judgement: Judgement, { event }: Launched): Judgement {
  if (event.context === 'install' || (!judgement.isMalware && judgement.why !== STARTS_PROGRAM)) return judgement;
  return { ...judgement, score: Math.max(judgement.score, 10), isMalware: true };
}

function factsOf(launched: Launched): ScriptFacts | undefined {
  const { placed } = launched;
  const bytes = bytesOf(placed, MAX_BYTES);
  if (bytes === undefined || bytes.subarray(0, 4_000).includes(0)) return undefined;
  const text = bytes.subarray(0, MAX_TEXT).toString('utf8');
  const language = languageOfScript(placed.local, text);
  return language === undefined || language === 'python' ? undefined : readScript(text, language);
}

function findingFor(archive: Evidence, launched: Launched): Finding | undefined {
  const { placed, event, through } = launched;
  if (DOCUMENT.test(placed.local) && !RUNS_DOCUMENTS.test(archive.commands.get(event)?.program ?? '')) return undefined;
  const facts = /\.pyw?$/.test(placed.local) ? undefined : factsOf(launched);
  const read = facts === undefined ? judgePython(archive, launched) : judge(new Set(facts.facts.map((f) => f.kind)));
  const judgement = read === undefined ? judgeStart(launched) : atImport(read, launched);
  if (judgement === undefined) return undefined;
  // Build helpers of a source distribution download; whoever runs a build sees them.
  const isBuild = event.context === 'install' && !launched.isHidden && !judgement.isMalware;
  const links: Link[] = through.map((p) => ({
    role: 'transformation',
    path: p.path,
    line: 0,
    text: `starts ${p.local}`,
  }));
  for (const fact of facts?.facts.slice(0, 8) ?? [])
    links.push({
      role: 'transformation',
      path: placed.path,
      line: fact.line,
      text: `${fact.kind}: ${excerpt(fact.detail, 120)}`,
      snippet: excerpt(fact.snippet, 300),
    });
  return findingOf(ID, event, {
    score: isBuild ? Math.min(judgement.score, 4) : judgement.score,
    class: judgement.isMalware ? 'malware' : 'suspicious',
    message: `Runs ${placed.local} ${momentOf(event)}, which ${judgement.why}.`,
    links,
    hosts: facts?.hosts ?? [],
  });
}

/** Shell, PowerShell, batch, VBScript, JavaScript and Python files that are started at start-up, install or import. */
export const bundledScript: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const launched of launchedIn(archive)) {
      const finding = findingFor(archive, launched);
      if (finding !== undefined) findings.push(finding);
    }
    return findings;
  },
};
