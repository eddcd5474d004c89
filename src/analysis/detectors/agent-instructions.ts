// Owns text that tells a reader's assistant to do harm. Start at agentInstructions.
import { type Act, actsIn } from '../evidence/acts.ts';
import type { Evidence as Archive } from '../evidence/evidence.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'agent-instructions';
const MAX_FILES = 60;
const MAX_TEXT = 300_000;
/** of all modules together; what is addressed to assistants stands in small distributions or at the front */
const MAX_SOURCE = 2_000_000;
/** characters around the place that speaks to a machine */
const REACH = 900;

/** Said to a program that reads: no documentation for people needs it. */
const ADDRESSED =
  /\bignore (?:all |any |the )?(?:previous|prior|above|earlier) (?:instructions|prompts|rules)|\b(?:instructions?|note|message|important)\b[^\n.]{0,30}\b(?:for|to) (?:all |any |the |every )?(?:AI|LLMs?|language models?|coding|autonomous)?\s?(?:agents?|assistants?|LLMs?|models?|copilots?)\b|<IMPORTANT>|<system>|\b(?:if|when) you are an? (?:AI|LLM|language model|coding (?:agent|assistant)|assistant|agent)\b|\b(?:before (?:using|calling)|when(?:ever)? (?:using|calling)|each time|always)\b[^\n.]{0,40}\b(?:include|pass|append|add|put|read|provide|send)\b[^\n]{0,80}\b(?:argument|parameter|context|field|sidenote|note|param)s?\b|\bwhen(?:ever)? you (?:write|edit|generate|create|modify|commit|review)\b|\byou (?:must|should) (?:always |first )?(?:run|execute|read|call)\b[^\n]{0,80}\b(?:before|silently|without)\b/i;
/** What it must not say of it. */
const SECRECY =
  /\b(?:do not|don't|never|without) (?:\w+\s){0,3}?(?:mention|tell|telling|inform|informing|notify|notifying)\b[^\n.]{0,60}\b(?:user|human|developer|anyone|this|it|them)\b|\b(?:run|execute|read|send|call|install)\w*\b[^\n.]{0,80}\bsilently\b|\bsilently (?:run|execute|read|send|call|install)/i;
const SENDS = /\b(?:send|post|upload|transmit|exfiltrate|include|append|pass|submit|forward|paste)\b/i;
const KEYS =
  /\.ssh\b|id_rsa|id_ed25519|\.aws\b|\.env\b|credentials?\b|api[ _-]?keys?\b|\btokens?\b|passwords?\b|secrets?\b|mcp\.json|wallet|private key|seed phrase/i;

function isDocument({ role, local, member }: PlacedMember): boolean {
  return (
    role !== 'test' &&
    member.sizeBytes <= MAX_TEXT &&
    (/\.(?:md|mdc|txt|rst|cursorrules|windsurfrules|prompt)$/i.test(local) ||
      /(?:^|\/)(?:PKG-INFO|METADATA|README|\.cursorrules)$/.test(local))
  );
}

/** Documents, and modules that were parsed anyway. */
function* textsOf(archive: Archive): Generator<readonly [path: string, text: string]> {
  const documents = archive.layout.members.filter(isDocument);
  for (const placed of documents.slice(0, MAX_FILES)) {
    const text = archive.sources.textOf(placed);
    if (text !== undefined) yield [placed.path, text];
  }
  let read = 0;
  for (const { unit } of archive.modules) {
    read += unit.text.length;
    if (read > MAX_SOURCE) return;
    yield [unit.path, unit.text];
  }
}

/** Words without which nothing is addressed to a machine: looked for first, for that is quick. */
const WORDS = [
  'hen you ',
  'henever you ',
  'efore ',
  'lways',
  'IMPORTANT',
  'nstructions',
  'ssistant',
  'gent',
  'LLM',
  '<system>',
  'ilently',
];

/** Points for what stands around a place that speaks to an assistant. */
function weighed(text: string): { readonly score: number; readonly why: string } | undefined {
  const acts: ReadonlySet<Act> = actsIn(text);
  const runs = acts.has('fetch-and-run') || acts.has('shell-handover');
  const steals =
    (acts.has('secrets') || KEYS.test(text)) && SENDS.test(text) && (acts.has('secrets') || /https?:\/\//.test(text));
  const isSecret = SECRECY.test(text);
  if (!isSecret) return undefined;
  if (runs) return { score: 10, why: 'to run a download, unseen' };
  return steals ? { score: acts.has('secrets') ? 8 : 6, why: 'to hand out secrets, unseen' } : undefined;
}

/** Instructions in documentation, docstrings and tool descriptions that an assistant would follow and a person would not see. */
export const agentInstructions: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [path, text] of textsOf(archive)) {
      if (!WORDS.some((w) => text.includes(w))) continue;
      const at = text.search(ADDRESSED);
      const weight = at < 0 ? undefined : weighed(text.slice(Math.max(0, at - REACH / 3), at + REACH));
      if (weight === undefined) continue;
      const from = text.lastIndexOf('\n', at) + 1;
      const end = text.indexOf('\n', at);
      findings.push(
        findingAt(
          ID,
          {
            path,
            line: text.slice(0, at).split('\n').length,
            snippet: excerpt(text.slice(from, end < 0 ? text.length : end), 300),
          },
          {
            score: weight.score,
            class: weight.score >= 8 ? 'malware' : 'suspicious',
            context: 'none',
            message: `Tells an assistant that reads it ${weight.why}.`,
          },
        ),
      );
    }
    return findings;
  },
};
