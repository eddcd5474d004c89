// Owns traffic to places that vendors do not use, where somebody has to call the function first. Start at throwawayHost.
import { SMALL_BYTES } from '../evidence/evidence.ts';
import type { Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, hostName, verbOf } from './detector.ts';

const ID = 'throwaway-host';

/** Places that show their owner every request, and nothing else. A scanner may need one; a few lines that call it are a beacon. */
const BINS =
  /(?:^|\.)(?:webhook\.site|pipedream\.net|requestbin\.\w+|requestcatcher\.com|hookb(?:in\.com|\.in)|webhook\.cool|webhookinbox\.com|typedwebhook\.tools|postb\.in|putsreq\.com)$/;
/** What a caller, a person or the machine gives: with a webhook of the author's in the code, the author gets it. */
const HANDED = LABEL.secretParameter | LABEL.host | LABEL.secretVariable | LABEL.input | LABEL.process | LABEL.file;

/** What opens an account, by the name of the parameter. */
const OPENS = /(?:^|_)(?:token|cookies?|session(?:_?id)?|api_?key|auth|login|e?mail|phone|card|user_?pass)(?:$|_)/i;

function isToldCredential({ origins }: Traffic['sent']): boolean {
  return origins.some((o) => o.label === LABEL.parameter && OPENS.test(o.text.replace(/^\w+ /, '')));
}

function points({ kind, host, isPrivate, hasBody, isChosen, sent }: Traffic): number {
  if (isPrivate) return 6;
  const carries = hasBody || (sent.bits & (LABEL.parameter | LABEL.host | LABEL.file | LABEL.process)) !== 0;
  switch (kind) {
    case 'callback':
      return 7;
    case 'webhook':
      return 6;
    case 'tunnel':
      // Whoever calls says which of the ports is to be reached.
      if (host === '' && isChosen) return 2;
      return carries ? 5 : 4;
    case 'paste':
      return 3;
    case 'raw-address':
      return carries ? 4 : 2;
    case 'file-host':
      return carries ? 4 : 3;
    case 'shortener':
      return 2;
    case 'free-hosting':
      return carries ? 4 : 2;
    case 'cheap-name':
      return carries ? 2 : 1;
    case 'messenger':
    case 'code-host':
    case 'address-service':
    case 'local':
    case 'index':
    case 'unknown':
    case 'plain':
      return 0;
  }
}

function placeOf({ site }: CallEvent, host: string): string {
  return `${site.unit.path}\0${String(site.node.start)}\0${host}`;
}

function saysOf(event: CallEvent, traffic: Traffic): string {
  const { host, kind, isPrivate } = traffic;
  if (host === '' && kind === 'tunnel') return `Opens a way into this machine from outside (${event.name}).`;
  return `${verbOf(event)} ${host === '' ? 'a messenger' : hostName(traffic)} (${isPrivate ? 'a private webhook' : kind}).`;
}

/** Webhooks with their secret, callback domains, tunnels, bare addresses: fixed in a library's code. */
export const throwawayHost: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    const unasked = new Set<string>();
    for (const [event, { host }] of archive.traffic) if (isUnasked(event.context)) unasked.add(placeOf(event, host));
    for (const [event, traffic] of archive.traffic) {
      // A method of a command class that an install runs is no function that waits for its caller.
      if (event.sink === 'browser' || unasked.has(placeOf(event, traffic.host))) continue;
      if (event.context === 'test' || event.context === 'none') continue;
      const isTelling = (traffic.sent.bits & HANDED) !== 0 || isToldCredential(traffic.sent);
      const isSmall =
        archive.pythonBytes < SMALL_BYTES &&
        (traffic.kind === 'callback' || BINS.test(traffic.host) || (traffic.isPrivate && isTelling));
      const score = isSmall ? 10 : points(traffic);
      if (score === 0) continue;
      findings.push(
        findingOf(ID, event, {
          score,
          class: isSmall ? 'malware' : 'suspicious',
          message: saysOf(event, traffic),
          sources: traffic.sent,
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
