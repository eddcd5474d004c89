// Owns what a detector is and how its claims are put into findings. May import evidence and report. Start at Detector.
import type { Evidence as Archive } from '../evidence/evidence.ts';
import { isAimOnly, type Traffic } from '../evidence/traffic.ts';
import type { CallEvent, Frame } from '../python/flow/machine.ts';
import type { Taint } from '../python/flow/taint.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Site } from '../python/flow/value.ts';
import type { Evidence, ExecutionContext, Finding, FindingClass, Severity } from '../report/finding.ts';

/** One technique. Sees the whole archive, keeps nothing, knows no other detector. */
export interface Detector {
  /** the file's name */
  readonly id: string;
  detect(archive: Archive): Finding[];
}

export interface Claim {
  readonly score: number;
  readonly class: FindingClass;
  readonly message: string;
  readonly severity?: Severity;
  readonly sources?: Taint;
  readonly decoded?: string;
  readonly hosts?: readonly string[];
  readonly context?: ExecutionContext;
  /** further links of the chain, before the sink */
  readonly links?: readonly Evidence[];
}

const RUNS: Readonly<Record<ExecutionContext, string>> = {
  'start-up': 'runs at every start of the interpreter',
  install: 'runs when an installer builds or installs the file',
  import: 'runs when the module is imported',
  'entry-point': 'runs when a command of the distribution is started',
  call: 'runs when somebody calls it',
  test: 'runs when a developer starts it: a test, an example or a chore',
  none: 'is part of the archive',
};

const PLUGIN = 'when its host program calls the plug-in';

/** A function that an entry point names: it is not run by the import of its module, though nobody asks for it either. */
function isPlugin({ context, root }: CallEvent): boolean {
  return context === 'import' && /^[\w.]+:\w+$/.test(root) && !root.includes('.py:');
}

/** When the call happens, to end a sentence with: `at install`. */
export function momentOf(event: CallEvent): string {
  return isPlugin(event) ? PLUGIN : `at ${event.context}`;
}

/** A host to name in a sentence: nothing is known of a value that only runs can tell. */
export function hostName({ host }: Traffic): string {
  return host === '' || /^‹[^›]*›$/.test(host) ? 'a host' : host;
}

/** What the call does with the host: `SMTP(…)`, `ServerProxy(…)` may have sent nothing yet. */
export function verbOf(event: CallEvent): string {
  if (event.sink === 'dns') return 'Looks up';
  if (event.sink === 'browser') return 'Opens a page of';
  if (isAimOnly(event)) return 'Points a socket at';
  return /\.[A-Z]\w*$/.test(event.name) ? 'Makes a client of' : 'Talks to';
}

export function severityOf(score: number, kind: FindingClass): Severity {
  if (kind === 'note') return 'info';
  if (score >= 10) return kind === 'malware' ? 'critical' : 'high';
  return score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low';
}

/** The member behind a path of evidence: `setup.py#decoded-1` is in `setup.py`. */
export function memberPath(path: string): string {
  const at = path.indexOf('#');
  return at < 0 ? path : path.slice(0, at);
}

/** The line of source at a place, at most 400 characters. */
export function lineAt(site: Site): string {
  const { text } = site.unit;
  const { start } = site.node;
  const from = text.lastIndexOf('\n', Math.max(0, start - 1)) + 1;
  const begin = start - from > 300 ? start : from;
  const end = text.indexOf('\n', start);
  return excerpt(text.slice(begin, Math.min(end < 0 ? text.length : end, begin + 1200)), 400);
}

/** The statement is nothing but this call: nobody looks at what it gives. */
export function isBareStatement({ site }: CallEvent): boolean {
  const { text } = site.unit;
  const { start, end } = site.node;
  let from = start - 1;
  while (from >= 0 && (text[from] === ' ' || text[from] === '\t')) from--;
  if (from >= 0 && !/[\n\r;:]/.test(text[from] ?? '')) return false;
  return /^(?:\.(?:read|close|text|content|status_code)(?:\(\))?)?[ \t]*(?:[;#\n\r]|$)/.test(text.slice(end, end + 60));
}

/** A finding about an event: its place is the member's own line, its chain goes down to the sink. */
export function findingOf(detector: string, event: CallEvent, claim: Claim): Finding {
  const outer = event.layers[0]?.site ?? event.site;
  const context = claim.context ?? event.context;
  const decoded = claim.decoded ?? (event.layers.length > 0 ? lineAt(event.site) : undefined);
  return {
    detector,
    severity: claim.severity ?? severityOf(claim.score, claim.class),
    class: claim.class,
    score: claim.score,
    context,
    path: memberPath(outer.unit.path),
    line: outer.node.line,
    message: claim.message,
    snippet: lineAt(outer),
    ...(decoded === undefined ? {} : { decoded: decoded.slice(0, 2000) }),
    chain: chainOf(event, claim, context),
    ...(claim.hosts === undefined || claim.hosts.length === 0
      ? {}
      : { hosts: claim.hosts.filter((h) => h !== '').slice(0, 20) }),
  };
}

function chainOf(event: CallEvent, claim: Claim, context: ExecutionContext): Evidence[] {
  const chain: Evidence[] = [];
  const first = event.frames[0]?.site ?? event.site;
  const { path } = first.unit;
  chain.push(
    { role: 'context', path, line: first.node.line, text: beginningOf(event, context) },
    ...wayOf(event.frames, context),
  );
  for (const origin of claim.sources?.origins.slice(0, 6) ?? [])
    chain.push({ role: 'source', path: origin.path, line: origin.line, text: excerpt(origin.text, 160) });
  for (const layer of event.layers)
    chain.push({
      role: 'transformation',
      path: layer.site.unit.path,
      line: layer.site.node.line,
      text: `${layer.by} runs text as code`,
      snippet: excerpt(layer.text, 300),
    });
  chain.push(...(claim.links ?? []));
  chain.push({
    role: 'sink',
    path: event.site.unit.path,
    line: event.site.node.line,
    text: event.name,
    snippet: lineAt(event.site),
  });
  const keys = chain.map(({ role, path, line, text }) => JSON.stringify([role, path, line, text]));
  return chain.filter((_, i) => keys.indexOf(keys[i] ?? '') === i);
}

/** What runs, and when. */
function beginningOf(event: CallEvent, context: ExecutionContext): string {
  const { root, frames } = event;
  if (isPlugin(event)) return `${root} runs ${PLUGIN}`;
  const entered = frames[0];
  if (context === 'call' && entered !== undefined && isEntered(entered)) return `${nameOf(entered)} ${RUNS.call}`;
  // A module that nothing but a person, or another program, starts by its file.
  if (context === 'entry-point' && /\.pyw?$/.test(root)) return `${root} runs when it is started as a program`;
  return `${root} ${RUNS[context]}`;
}

/** No line of the archive calls it: its place is its definition, or that of its class. */
function isEntered({ site, node }: Frame): boolean {
  return site.node === node || site.node.kind === 'ClassDef';
}

function nameOf({ site: { node }, name }: Frame): string {
  return node.kind === 'ClassDef' ? `${node.name}()` : name;
}

function stepOf(frame: Frame): string {
  const { name } = frame;
  if (name.startsWith('import of ')) return 'is imported';
  if (name.startsWith('patch of ')) return `takes the place of ${name.slice('patch of '.length)}`;
  if (frame.site.node.kind === 'ClassDef') return `${nameOf(frame)} calls ${name}`;
  return isEntered(frame) ? `${name} begins` : `calls ${name}`;
}

const FIRST_STEPS = 5;
const LAST_STEPS = 4;

/** The calls and imports that lead to the event; a long way without its middle, and saying so. */
function wayOf(frames: CallEvent['frames'], context: ExecutionContext): Evidence[] {
  const steps = frames.flatMap((frame, i): Evidence[] => {
    const { unit, node } = frame.site;
    // The beginning says of the first module, or of a function without a caller, when it runs.
    if (i === 0 && (frame.name.startsWith('import of ') || (context === 'call' && frame.site.node === frame.node)))
      return [];
    return [{ role: 'context', path: unit.path, line: node.line, text: stepOf(frame) }];
  });
  const left = steps.length - FIRST_STEPS - LAST_STEPS;
  const [next] = steps.slice(FIRST_STEPS);
  if (left < 2 || next === undefined) return steps;
  return [
    ...steps.slice(0, FIRST_STEPS),
    { ...next, text: `${next.text}, then ${String(left - 1)} more on the way` },
    ...steps.slice(-LAST_STEPS),
  ];
}

/** A finding about a place that is no call. */
export function findingAt(
  detector: string,
  place: { readonly path: string; readonly line: number; readonly snippet: string },
  claim: Claim & { readonly context: ExecutionContext },
): Finding {
  return {
    detector,
    severity: claim.severity ?? severityOf(claim.score, claim.class),
    class: claim.class,
    score: claim.score,
    context: claim.context,
    path: place.path,
    line: place.line,
    message: claim.message,
    snippet: excerpt(place.snippet, 400),
    ...(claim.decoded === undefined ? {} : { decoded: claim.decoded.slice(0, 2000) }),
    chain: [
      { role: 'context', path: place.path, line: place.line, text: RUNS[claim.context] },
      ...(claim.links ?? []),
      { role: 'sink', path: place.path, line: place.line, text: claim.message, snippet: excerpt(place.snippet, 400) },
    ],
    ...(claim.hosts === undefined ? {} : { hosts: claim.hosts.slice(0, 20) }),
  };
}

/** Weight of a context, as a factor of a technique's points. */
export function contextFactor(context: ExecutionContext): number {
  switch (context) {
    case 'start-up':
    case 'install':
      return 1;
    case 'import':
      return 0.95;
    case 'entry-point':
      return 0.75;
    case 'call':
      return 0.6;
    case 'test':
    case 'none':
      return 0;
  }
}
