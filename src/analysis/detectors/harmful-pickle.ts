// Owns pickles that run code when they are loaded. Start at harmfulPickle.
import { actsIn, weigh } from '../evidence/acts.ts';
import { isAside } from '../evidence/bundled.ts';
import { hostsIn } from '../evidence/hosts.ts';
import { type HarmfulPickle, picklesOf } from '../evidence/pickles.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, findingOf, isUnasked } from './detector.ts';

const ID = 'harmful-pickle';

/** Text that is run, or a command: whoever loads this runs somebody's code. */
const RUNS = /(?:exec|eval|compile|system|popen|spawn\w*|Popen|call|run|check_\w+|getoutput|marshal\.loads|runstring)$/;

function scoreOf({ callee, text, load, placed }: HarmfulPickle): number {
  if (isAside(placed)) return 2;
  const isHarmful = weigh(actsIn(text)).isHarmful;
  if (load !== undefined && isUnasked(load.context)) return 10;
  if (load !== undefined) return RUNS.test(callee) || isHarmful ? 8 : 6;
  return isHarmful ? 8 : RUNS.test(callee) ? 6 : 5;
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
    return findings;
  },
};
