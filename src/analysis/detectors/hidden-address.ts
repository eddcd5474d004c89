// Owns addresses that were hidden in the source. Start at hiddenAddress.
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'hidden-address';
const CONTROL = /\p{Cc}/u;

/** A request whose address had to be decoded: nobody hides the address of a service. */
export const hiddenAddress: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, traffic] of archive.traffic) {
      if (event.context === 'test' || event.context === 'none') continue;
      const { place } = traffic;
      if (traffic.host === '' || traffic.host.includes('‹')) continue;
      // A test of what clients make of control characters: none of them gets anywhere.
      if (CONTROL.test(traffic.host)) continue;
      if ((place.bits & LABEL.decoded) === 0 || (place.bits & LABEL.network) !== 0) continue;
      if (
        event.layers[0]?.site.unit.text.includes(traffic.host) === true ||
        event.site.unit.text.includes(traffic.host)
      )
        continue;
      findings.push(
        findingOf(ID, event, {
          score: 10,
          class: 'malware',
          message: `Talks to ${traffic.host}, an address that the source hides.`,
          sources: place,
          decoded: traffic.address,
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
