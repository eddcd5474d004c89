// Owns code that was hidden in a value and then run. Start at hiddenCode.
import type { Evidence } from '../evidence/evidence.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { excerpt, textOf } from '../python/flow/text.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { contextFactor, type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'hidden-code';

/** What run-of-the-mill generated code does not do. */
const ACTS = new Set([
  'network',
  'process',
  'dns',
  'native',
  'registry',
  'persist',
  'install-package',
  'clipboard-write',
  'listener',
  'write',
  'deserialise',
  'descriptor',
  'hook',
]);

/** Whether the first line of code can be found in the text that runs it. */
function standsIn(source: string, code: string): boolean {
  const probe = code.trim().slice(0, 60).split('\n', 1)[0] ?? '';
  return source.includes(probe) || source.includes(JSON.stringify(probe).slice(1, -1));
}

/** Whether the text stands in the source as it ran: then nothing was hidden. */
function isVerbatim(event: CallEvent): boolean {
  const layer = event.layers[0];
  if (layer === undefined) return true;
  if ((layer.taint.bits & LABEL.decoded) !== 0) return false;
  return standsIn(layer.site.unit.text, layer.text);
}

function openedFinding(event: CallEvent): Finding | undefined {
  const layer = event.layers[0];
  if (layer === undefined || !ACTS.has(event.sink) || /^\.pth$/.test(layer.by)) return undefined;
  if ((layer.taint.bits & LABEL.ownFile) !== 0) return undefined;
  const isPlain = isVerbatim(event);
  const base = isPlain ? 5 : 10;
  const score = Math.round(base * contextFactor(event.context) * 10) / 10;
  if (score < 1) return undefined;
  return findingOf(ID, event, {
    score: isUnasked(event.context) ? base : score,
    class: !isPlain && isUnasked(event.context) ? 'malware' : 'suspicious',
    message: `${isPlain ? 'Code kept in a string' : 'Code that had to be decoded'} is run by ${layer.by} and calls ${event.name}.`,
    sources: layer.taint,
    decoded: layer.text,
  });
}

/** An argument of exec that could not be opened. */
function opaqueFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const [code] = event.args;
  if (code === undefined) return undefined;
  const taint = taintOf(code);
  const isConstant = code.kind === 'str' || code.kind === 'bytes';
  const failed = archive.reading.opaque.some((o) => o.event === event);
  const text = textOf(code);
  if (isConstant && !failed) {
    const isDecoded =
      (taint.bits & LABEL.decoded) !== 0 || (code.value.length > 40 && !standsIn(event.site.unit.text, code.value));
    if (!isDecoded || (taint.bits & LABEL.ownFile) !== 0) return undefined;
    return findingOf(ID, event, {
      score: isUnasked(event.context) ? 6 : 3,
      class: 'suspicious',
      message: `${event.name} runs decoded text.`,
      sources: taint,
      decoded: text,
    });
  }
  const weight = opaqueWeight(code, taint.bits, text, failed);
  if (weight === 0) return undefined;
  const score = Math.round(weight * contextFactor(event.context) * 10) / 10;
  return findingOf(ID, event, {
    score,
    class: 'suspicious',
    message: `${event.name} runs text that could not be opened (${excerpt(text, 60)}).`,
    sources: taint,
    ...(isConstant ? { decoded: text } : {}),
  });
}

function opaqueWeight(code: Value, bits: number, text: string, failed: boolean): number {
  if (failed) return (bits & LABEL.decoded) !== 0 ? 8 : text.length > 200 ? 3 : 0;
  if ((bits & LABEL.network) !== 0) return 0;
  if ((bits & LABEL.decoded) !== 0) return 8;
  if (
    code.kind === 'ref' &&
    /^(?:marshal\.loads|zlib\.decompress|base64\.\w+|lzma\.decompress|bz2\.decompress|gzip\.decompress|cryptography\.\S*|Crypto\.\S*|binascii\.\w+)\(\)/.test(
      code.name,
    )
  ) {
    return (bits & (LABEL.parameter | LABEL.file)) === 0 ? 8 : 4;
  }
  return 0;
}

/** Text that became code: what it does once it is opened, or that it would not open. */
export const hiddenCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const opened = openedFinding(event);
      if (opened !== undefined) findings.push(opened);
      if (event.sink === 'exec') {
        const opaque = opaqueFinding(archive, event);
        if (opaque !== undefined) findings.push(opaque);
      }
    }
    return findings;
  },
};
