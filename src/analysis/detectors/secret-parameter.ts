// Owns functions that send a secret they are handed to a host of their author's choice. Start at secretParameter.
import { isThrowaway } from '../evidence/hosts.ts';
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'secret-parameter';
/** Secrets that no service ever needs to be sent. */
const NEVER_SENT = /priv|mnemonic|seed|keypair|wallet|wif|xprv|secret_?key|\bpk\b/i;

/** A private key, seed or password that flows from a parameter into a request to a fixed host. */
export const secretParameter: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, traffic] of archive.traffic) {
      if ((traffic.sent.bits & LABEL.secretParameter) === 0 || traffic.kind === 'local') continue;
      const origins = traffic.sent.origins.filter((o) => o.label === LABEL.secretParameter);
      const names = origins.map((o) => o.text.replace(/^parameter /, ''));
      const isKey = names.some((n) => NEVER_SENT.test(n));
      const isSuspect = isThrowaway(traffic.kind) || traffic.isPrivate || traffic.kind === 'cheap-name';
      if (traffic.host === '' || traffic.kind === 'unknown') continue;
      const score = isKey ? (isSuspect ? 10 : 6) : isSuspect ? 6 : 1;
      findings.push(
        findingOf(ID, event, {
          score,
          class: score >= 10 ? 'malware' : score <= 1 ? 'note' : 'suspicious',
          message: `Sends the parameter ${names.slice(0, 3).join(', ')} to ${traffic.host} (${traffic.kind}).`,
          sources: { bits: LABEL.secretParameter, origins },
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
