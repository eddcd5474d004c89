// Owns compiled Python that no source in the archive explains. Start at hiddenBytecode.
import { type Weight, weigh } from '../evidence/acts.ts';
import { type Bytecode, bytecodeOf } from '../evidence/bytecode.ts';
import { hostKind, hostsIn, isNobodys } from '../evidence/hosts.ts';
import { isUnasked } from '../python/flow/machine.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'hidden-bytecode';

const HOW: Readonly<Record<Bytecode['how'], string>> = {
  orphan: 'Bytecode without its source',
  disguised: 'Bytecode under the name of something else',
  'unlike-source': 'Cached bytecode that does what its source does not',
};

/** A name next to nothing: closed products ship bytecode, and import what products import. */
function scoreOf(code: Bytecode): Weight & { readonly isMalware: boolean } {
  const body = weigh(code.bodyActs);
  const whole = weigh(code.acts);
  const runs = isUnasked(code.context);
  if (body.isHarmful && runs) return { ...body, isMalware: true };
  // Functions that somebody calls: a source and a sink in one file are what clients have.
  if (whole.isHarmful) {
    const isPlain = /credentials|environment|fetches/.test(whole.why) && code.how === 'orphan';
    return { ...whole, score: isPlain ? 6 : runs ? 9 : 7, isMalware: !isPlain && runs };
  }
  // Closed products ship bytecode; none that starts programs at import talks to a bare address or a drop of nobody's.
  if (body.why.includes('process') && runs && hostsIn(code.text, 20).some((host) => isNobodys(hostKind(host))))
    return { ...body, why: `${body.why}, towards a host of nobody's`, score: 10, isMalware: true };
  const hidden = code.how === 'orphan' ? 0 : 2;
  return { ...whole, score: Math.max(whole.score, 3) + hidden, isMalware: false };
}

/** Orphan, disguised and mismatched `.pyc` files, judged by what they name. */
export const hiddenBytecode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const code of bytecodeOf(archive)) {
      if (code.isEmpty) continue;
      const { score, why, isMalware } = scoreOf(code);
      findings.push(
        findingAt(
          ID,
          { path: code.placed.path, line: 0, snippet: excerpt(code.text, 300) },
          {
            score,
            class: isMalware ? 'malware' : 'suspicious',
            context: code.context,
            message: `${HOW[code.how]}${why === '' ? '' : `: ${why}`}.`,
            decoded: code.text,
            hosts: hostsIn(code.text, 20),
          },
        ),
      );
    }
    return findings;
  },
};
