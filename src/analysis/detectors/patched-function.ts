// Owns functions of other projects that are replaced by ones that send. Start at patchedFunction.
import { isAccountHost } from '../evidence/hosts.ts';
import { isAnswerRead } from '../evidence/traffic.ts';
import { isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'patched-function';

/** Functions that are handed what a program shows. */
const OUTPUT = /^patch of (?:sys\.(?:std(?:out|err)(?:\.write)?|displayhook)|builtins\.print|print)$/;
const SECRETS =
  LABEL.secretParameter |
  LABEL.input |
  LABEL.environment |
  LABEL.secretVariable |
  LABEL.secretFile |
  LABEL.browser |
  LABEL.wallet |
  LABEL.keyboard;

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
      // What a vendor's own service is told lands with the vendor.
      if (traffic.kind === 'index' && !isAccountHost(traffic.host) && !traffic.isFronted) continue;
      // What a program prints is for others to see: services that show it elsewhere tell their own, named host.
      const isPlain = traffic.kind === 'plain' && (traffic.sent.bits & SECRETS) === 0;
      const isOutput = isPlain && OUTPUT.test(patch.name);
      // A form elsewhere is shown the question, and answers it.
      const isForm =
        isPlain && /^patch of (?:raw_)?input$/.test(patch.name) && isAnswerRead(archive.traffic, traffic.host);
      findings.push(
        findingOf(ID, event, {
          score: isOutput ? 6 : 10,
          class: isOutput || isForm ? 'suspicious' : 'malware',
          message: `A ${patch.name} sends what it is handed to ${traffic.host}.`,
          sources: traffic.sent,
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
