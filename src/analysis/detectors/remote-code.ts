// Owns code that comes over the network and runs. Start at remoteCode.
import type { Evidence } from '../evidence/evidence.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { taintOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'remote-code';

function execFinding(event: CallEvent): Finding | undefined {
  const [code] = event.args;
  if (code === undefined) return undefined;
  const taint = taintOf(code);
  if ((taint.bits & LABEL.network) === 0) return undefined;
  const unasked = isUnasked(event.context);
  return findingOf(ID, event, {
    score: unasked ? 10 : 7,
    class: unasked ? 'malware' : 'suspicious',
    message: `${event.name} runs what was received over the network.`,
    sources: taint,
  });
}

function processFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const command = archive.commands.get(event);
  if (command === undefined) return undefined;
  const isInput = (command.input.bits & LABEL.network) !== 0;
  const isWord = (command.taint.bits & LABEL.network) !== 0 && (command.isShell || /‹/.test(command.words[0] ?? ''));
  if (!isInput && !isWord) return undefined;
  const unasked = isUnasked(event.context);
  const isSocket = command.taint.origins.some((o) => o.label === LABEL.network && /recv|socket/.test(o.text));
  return findingOf(ID, event, {
    score: unasked || isSocket ? 10 : 6,
    class: unasked || isSocket ? 'malware' : 'suspicious',
    message: isInput
      ? 'A process is fed what was received over the network.'
      : 'A command received over the network is run.',
    sources: isInput ? command.input : command.taint,
  });
}

/** `exec(response)`, a command from a socket, `python -` fed by a download. */
export const remoteCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const found =
        event.sink === 'exec'
          ? execFinding(event)
          : event.sink === 'process'
            ? processFinding(archive, event)
            : undefined;
      if (found !== undefined) findings.push(found);
    }
    return findings;
  },
};
