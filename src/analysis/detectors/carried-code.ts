// Owns code that lies in a file of the archive that is no source, and is taken out to run. Start at carriedCode.
import { bundledSources, isReadable } from '../evidence/bundled.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { INTERPRETERS, programPattern } from '../vocabulary/programs.ts';
import { contextFactor, type Detector, findingOf } from './detector.ts';

const ID = 'carried-code';
const RUNS_TEXT = programPattern(INTERPRETERS);
/** Options that code follows; `python -m pip install -r` is followed by a list of projects. */
const CODE = /^-(?:\w*c|e|E|r|-eval|Command|EncodedCommand|enc?)$/i;
const CODE_OF_PYTHON = /^-[a-zA-Z]*c$/;
/** Text that is written to be read; only what is decoded out of it was hidden. */
const PROSE =
  /\.(?:py[wi]?|pyx|pth|txt|in|cfg|toml|ini|md|rst|tmpl|template|j2|jinja2?|mako|ipynb|ya?ml|json|sh|js|sql)$/i;

/** The argument that becomes code: of exec the text, of an interpreter what follows `-c` or comes in by its input. */
function codeOf(archive: Evidence, event: CallEvent): Value | undefined {
  if (event.sink === 'exec') return event.name === 'exec' || event.name === 'eval' ? event.args[0] : undefined;
  const command = archive.commands.get(event);
  if (command === undefined || !RUNS_TEXT.test(command.program)) return undefined;
  const words = event.args[0] ?? event.keywords.get('args');
  if (words?.kind !== 'sequence') return event.keywords.get('input');
  const option = /^(?:%python%|py(?:thon[\d.]*w?)?)$/i.test(command.program) ? CODE_OF_PYTHON : CODE;
  const at = words.elements.findIndex((w) => option.test(textOf(w)));
  return at < 0 ? event.keywords.get('input') : words.elements[at + 1];
}

/** Code that was read in full: what it does is found as if it stood in a module. */
function isKnown({ kind }: Value): boolean {
  return kind === 'str' || kind === 'bytes';
}

/** The member that carries it; undefined when it is read as it stands in a text. */
function carrierOf(archive: Evidence, code: Value): PlacedMember | undefined {
  const { bits } = taintOf(code);
  if ((bits & LABEL.ownFile) === 0) return undefined;
  const isDecoded = (bits & LABEL.decoded) !== 0;
  return bundledSources(archive.layout, code).find(
    (m) => m.local.includes('.') && (isDecoded || !(PROSE.test(m.local) || (isKnown(code) && isReadable(m)))),
  );
}

/** Pixels, frames, tables and encoded texts of the archive that become Python or a shell's input. */
export const carriedCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      if ((event.sink !== 'exec' && event.sink !== 'process') || contextFactor(event.context) === 0) continue;
      const code = codeOf(archive, event);
      const carrier = code === undefined ? undefined : carrierOf(archive, code);
      if (code === undefined || carrier === undefined || /\.pyw?$/.test(carrier.local)) continue;
      const unasked = isUnasked(event.context);
      findings.push(
        findingOf(ID, event, {
          // What had to be decoded was not to be read.
          score: unasked ? ((taintOf(code).bits & LABEL.decoded) === 0 ? 9 : 10) : 6,
          class: unasked ? 'malware' : 'suspicious',
          message: `${event.sink === 'exec' ? event.name : (archive.commands.get(event)?.program ?? event.name)} runs what comes out of ${carrier.local}.`,
          sources: taintOf(code),
          ...(code.kind === 'str' || code.kind === 'bytes' ? { decoded: code.value } : {}),
        }),
      );
    }
    return findings;
  },
};
