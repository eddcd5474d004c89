// Owns mail of a caller that also goes to somebody who stands in the code. Start at hiddenRecipient.
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { optionsOf, taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'hidden-recipient';
const COPY = /^(?:b?cc|(?:b?cc_?)(?:addresses|recipients|emails?|list)|b?cc_?to)$/i;
const TO = /^(?:to|recipients?|to_?(?:addresses|recipients|emails?|list)|(?:to_?)?email)$/i;
const MAILBOX = /^(?:[^<>@\n]{0,80}<)?([\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)>?$/;
const GIVEN = LABEL.parameter | LABEL.secretParameter | LABEL.input;
const MAX_DEPTH = 5;
const MAX_PARTS = 60;

/** Entries of a mapping, and headers that were set on a message: `message['Bcc'] = x`. */
function entriesOf(value: Value): readonly (readonly [key: string, value: Value])[] {
  if (value.kind === 'dict')
    return [...value.entries].slice(0, MAX_PARTS).map(([key, entry]) => [key.slice(1), entry] as const);
  if (value.kind !== 'ref') return [];
  const set = [...(value.fields ?? [])].map(([key, field]) => [key.replace(/^\[|\]$/g, ''), field] as const);
  const made = [...(value.call?.keywords ?? [])];
  return [...made, ...set].slice(0, MAX_PARTS);
}

/** Whom a value names, where it is the code alone that says so. */
function fixedMailbox(value: Value): string | undefined {
  if (value.kind === 'sequence')
    return value.elements
      .slice(0, MAX_PARTS)
      .map(fixedMailbox)
      .find((one) => one !== undefined);
  if (value.kind === 'dict')
    return entriesOf(value)
      .map(([, entry]) => fixedMailbox(entry))
      .find((one) => one !== undefined);
  const options = optionsOf(value);
  // A setting with a default in the code is the user's, and says so.
  if (options.length !== 1 || value.kind !== 'str') return undefined;
  return MAILBOX.exec(value.value.trim())?.[1];
}

function isGiven(value: Value): boolean {
  return (taintOf(value).bits & GIVEN) !== 0;
}

/** The mailbox of the code beside the caller's, anywhere in what a request is handed. */
function copiedTo(value: Value, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const entries = entriesOf(value);
  if (entries.some(([key, entry]) => TO.test(key) && isGiven(entry)))
    for (const [key, entry] of entries) {
      const mailbox = COPY.test(key) ? fixedMailbox(entry) : undefined;
      if (mailbox !== undefined) return mailbox;
    }
  const parts = value.kind === 'sequence' ? value.elements.slice(0, MAX_PARTS) : entries.map(([, entry]) => entry);
  for (const part of parts) {
    const found = copiedTo(part, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `sendmail(sender, [to, 'keeper@…'], text)`: the envelope says it, where no header does. */
function addedToEnvelope({ name, args }: CallEvent): string | undefined {
  const to = name.endsWith('.sendmail') ? args[1] : undefined;
  if (to?.kind !== 'sequence' || !isGiven(to)) return undefined;
  return fixedMailbox(to);
}

/** Copies of what a caller writes to others, for an address of the author's. */
export const hiddenRecipient: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, traffic] of archive.traffic) {
      if (event.sink !== 'network' || event.context === 'test') continue;
      const values = [...event.args, ...event.keywords.values()];
      // The keywords of the call itself are a mapping too: `send_mail(to=…, bcc=…)`.
      const own: Value = {
        kind: 'dict',
        entries: new Map([...event.keywords].map(([key, value]) => [`s${key}`, value])),
        isOpen: false,
        taint: traffic.sent,
      };
      const mailbox =
        addedToEnvelope(event) ??
        copiedTo(own, 0) ??
        values.map((value) => copiedTo(value, 0)).find((one) => one !== undefined);
      if (mailbox === undefined) continue;
      findings.push(
        findingOf(ID, event, {
          score: 7,
          class: 'suspicious',
          message: `Sends a copy of the caller's mail to ${mailbox.slice(0, 80)}, which stands in the code.`,
          sources: traffic.sent,
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
