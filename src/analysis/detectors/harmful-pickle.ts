// Owns pickles, and YAML without care, that run code when they are loaded. Start at harmfulPickle.
import { actsIn, weigh } from '../evidence/acts.ts';
import { isAside } from '../evidence/bundled.ts';
import { hostsIn } from '../evidence/hosts.ts';
import { type HarmfulPickle, harmfulCallIn, picklesOf } from '../evidence/pickles.ts';
import { yamlCallsOf } from '../evidence/yaml-objects.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, findingOf } from './detector.ts';

const ID = 'harmful-pickle';

/** Text that is run, or a command: whoever loads this runs somebody's code. */
const RUNS = /(?:exec|eval|compile|system|popen|spawn\w*|Popen|call|run|check_\w+|getoutput|marshal\.loads|runstring)$/;

function scoreOf({ callee, text, load, placed }: HarmfulPickle): number {
  if (isAside(placed)) return 2;
  const isHarmful = weigh(actsIn(text)).isHarmful;
  if (load !== undefined && isUnasked(load.context)) return 10;
  if (load !== undefined) return RUNS.test(callee) && isHarmful ? 10 : RUNS.test(callee) || isHarmful ? 8 : 6;
  return isHarmful ? 8 : RUNS.test(callee) ? 6 : 5;
}

/** A pickle that stands in the source: who writes one there by hand wants its call. */
function inlineFinding(event: CallEvent): Finding | undefined {
  const [data] = event.args;
  if (data?.kind !== 'bytes' || !/^(?:pickle|joblib|torch|numpy|jsonpickle)/.test(event.name)) return undefined;
  const call = harmfulCallIn(Buffer.from(data.value, 'latin1'));
  if (call === undefined) return undefined;
  return findingOf(ID, event, {
    score: isUnasked(event.context) ? 10 : 8,
    class: 'malware',
    message: `Loading a pickle that stands in the source calls ${call.callee}.`,
    decoded: call.text,
    hosts: hostsIn(call.text, 20),
  });
}

/** A bundled pickle whose reduction calls exec, a shell or the network. */
export const harmfulPickle: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const pickle of picklesOf(archive)) {
      const { path, callee, text, load } = pickle;
      const score = scoreOf(pickle);
      const claim = {
        score,
        class: score >= 8 ? ('malware' as const) : ('suspicious' as const),
        message: `Loading ${path.slice(path.lastIndexOf('/') + 1)} calls ${callee}.`,
        decoded: text,
        hosts: hostsIn(text, 20),
      };
      if (load === undefined) {
        findings.push(findingAt(ID, { path, line: 0, snippet: excerpt(text, 300) }, { ...claim, context: 'none' }));
        continue;
      }
      const link = {
        role: 'transformation' as const,
        path,
        line: 0,
        text: `unpickling calls ${callee}`,
        snippet: excerpt(text, 300),
      };
      findings.push(findingOf(ID, load, { ...claim, links: [link] }));
    }
    for (const { placed, callee, text, load } of yamlCallsOf(archive)) {
      if (isAside(placed) || !(RUNS.test(callee) || weigh(actsIn(text)).isHarmful)) continue;
      findings.push(
        findingOf(ID, load, {
          score: isUnasked(load.context) ? 10 : 8,
          class: 'malware',
          message: `Loading the YAML of ${placed.local} calls ${callee}.`,
          decoded: text,
          hosts: hostsIn(text, 20),
        }),
      );
    }
    for (const event of archive.events) {
      const inline = event.sink === 'deserialise' && event.context !== 'test' ? inlineFinding(event) : undefined;
      if (inline !== undefined) findings.push(inline);
    }
    return findings;
  },
};
