// Owns functions of other projects that are replaced by ones that send. Start at patchedFunction.
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'patched-function';

/** A wrapper put around a prompt, a client or an import that hands on what it sees. */
export const patchedFunction: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      if (event.sink !== 'network' && event.sink !== 'dns') continue;
      const patch = event.frames.find((f) => f.name.startsWith('patch of'));
      if (patch === undefined || !isUnasked(event.context)) continue;
      const traffic = archive.traffic.get(event);
      const handed = LABEL.parameter | LABEL.secretParameter | LABEL.input;
      if (traffic === undefined || (traffic.sent.bits & handed) === 0) continue;
      if (traffic.kind === 'local' || traffic.host === '' || traffic.kind === 'unknown') continue;
      findings.push(
        findingOf(ID, event, {
          score: 10,
          class: 'malware',
          message: `A ${patch.name} sends what it is handed to ${traffic.host}.`,
          sources: traffic.sent,
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
