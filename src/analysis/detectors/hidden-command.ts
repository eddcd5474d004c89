// Owns command lines that were hidden in the source. Start at hiddenCommand.
import { commandOf } from '../evidence/command.ts';
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'hidden-command';

/** A process whose command had to be decoded: what a tool starts stands in its source. */
export const hiddenCommand: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const command = event.sink === 'install-package' ? commandOf(event) : archive.commands.get(event);
      if (command === undefined) continue;
      if (event.context === 'test' || event.context === 'none') continue;
      if ((command.taint.bits & LABEL.decoded) === 0 || (command.taint.bits & (LABEL.network | LABEL.parameter)) !== 0)
        continue;
      const text = command.text.trim();
      if (text.length < 3 || event.site.unit.text.includes(text.slice(0, 40))) continue;
      const unasked = isUnasked(event.context);
      findings.push(
        findingOf(ID, event, {
          score: unasked ? 10 : 8,
          class: 'malware',
          message: 'Starts a command that the source hides.',
          sources: command.taint,
          decoded: command.text,
        }),
      );
    }
    return findings;
  },
};
