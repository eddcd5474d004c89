// Owns code pushed out of sight on its line. Start at hiddenText.
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'hidden-text';
const GAP = 90;

/** A call with an effect that stands behind a long run of blanks. */
export const hiddenText: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const site = event.layers[0]?.site ?? event.site;
      const { text } = site.unit;
      const { start } = site.node;
      const from = text.lastIndexOf('\n', Math.max(0, start - 1)) + 1;
      if (start - from < GAP || start - from > 20_000) continue;
      const before = text.slice(from, start);
      const gap = /\S?[ \t\u00a0\u3000]{90,}/.exec(before);
      if (
        gap === null ||
        (gap.index === 0 &&
          /^\s*$/.test(before.slice(0, gap[0].length)) &&
          !/\S/.test(before) &&
          event.sink === 'exec' &&
          before.length < GAP)
      )
        continue;
      findings.push(
        findingOf(ID, event, {
          score: 9,
          class: 'malware',
          message: `Stands behind ${gap[0].length} blanks on its line, out of sight of a reader.`,
        }),
      );
    }
    return findings;
  },
};
