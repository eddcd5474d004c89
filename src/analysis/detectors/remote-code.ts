// Owns code that comes over the network and runs. Start at remoteCode.
import type { Evidence } from '../evidence/evidence.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL, type Taint } from '../python/flow/taint.ts';
import { taintOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'remote-code';

function execFinding(event: CallEvent): Finding | undefined {
  const [code] = event.args;
  // These are handed a path: what is in the file is another matter.
  if (code === undefined || /^(?:execfile|runpy|importlib|site)\b/.test(event.name)) return undefined;
  const taint = taintOf(code);
  if ((taint.bits & LABEL.network) === 0) return undefined;
  const unasked = isUnasked(event.context);
  return findingOf(ID, event, {
    score: unasked ? 10 : 9,
    class: 'malware',
    message: `${event.name} runs what was received over the network.`,
    sources: taint,
  });
}

/** A pickle is a program: loading one that was received runs it. */
function pickleFinding(event: CallEvent): Finding | undefined {
  const [data] = event.args;
  if (data === undefined || !/^(?:pickle|marshal|jsonpickle|shelve|joblib)/.test(event.name)) return undefined;
  const taint = taintOf(data);
  if ((taint.bits & LABEL.network) === 0 || !isUnasked(event.context)) return undefined;
  return findingOf(ID, event, {
    score: 10,
    class: 'malware',
    message: `${event.name} loads what was received over the network.`,
    sources: taint,
  });
}

function processFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const command = archive.commands.get(event);
  if (command === undefined) return undefined;
  const isInput = (command.input.bits & LABEL.network) !== 0;
  const isReceived = (command.taint.bits & LABEL.network) !== 0;
  const isPython = /(?:^|\s)-\w*c(?:\s|$)/.test(command.text) && /python/i.test(command.program);
  const isWord =
    isReceived && ((command.isShell && /^\W*‹/.test(command.text)) || isPython || isFromSocket(command.taint));
  const isInline = (command.inline.bits & LABEL.network) !== 0;
  if (!isInput && !isWord && !isInline) return undefined;
  const unasked = isUnasked(event.context);
  const isSocket = isFromSocket(command.taint);
  return findingOf(ID, event, {
    score: unasked || isSocket ? 10 : isInput || isWord ? 6 : 4,
    class: 'malware',
    message: isInput
      ? 'A process is fed what was received over the network.'
      : isInline
        ? 'An interpreter is handed text that was received over the network.'
        : 'A command received over the network is run.',
    sources: isInput ? command.input : command.taint,
  });
}

function isFromSocket(taint: Taint): boolean {
  return taint.origins.some((o) => o.label === LABEL.network && /\.recv|websocket|curl|wget/i.test(o.text));
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
          : event.sink === 'deserialise'
            ? pickleFinding(event)
            : event.sink === 'process'
              ? processFinding(archive, event)
              : undefined;
      if (found !== undefined) findings.push(found);
    }
    return findings;
  },
};
