// Owns command lines that were hidden in the source. Start at hiddenCommand.
import { type Command, commandOf } from '../evidence/command.ts';
import { isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import type { Finding } from '../report/finding.ts';
import { INTERPRETERS, programPattern } from '../vocabulary/programs.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'hidden-command';

/** Run what they are handed: their name says nothing of what they will do. */
const RUNS_WORDS = programPattern(INTERPRETERS, 'rundll32|regsvr32|env|sudo|eval|exec|start');

/** The program and every word that is known stand in the source, and only what they work on was decoded: a name of a file. */
function isOpenlyNamed({ program, words, programs }: Command, source: string): boolean {
  if (program === '' || program.includes('‹') || programs.some((one) => RUNS_WORDS.test(one))) return false;
  const visible = words.flatMap((word) => word.split(/‹[^›]*›/)).filter((part) => part.length > 1);
  return (
    visible.length > 0 && words.some((word) => word.includes('‹')) && visible.every((part) => source.includes(part))
  );
}

/** All of the command came out of a decoder, whatever that was handed. */
const DECODER = /^‹(?:base64|binascii|codecs|zlib|gzip|bz2|lzma|bytes)\.[^›]{1,80}›$/;

/** A process whose command had to be decoded: what a tool starts stands in its source. */
export const hiddenCommand: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const command = event.sink === 'install-package' ? commandOf(event) : archive.commands.get(event);
      if (command === undefined) continue;
      if (event.context === 'test' || event.context === 'none') continue;
      const isDecoded = (command.taint.bits & LABEL.decoded) !== 0 || DECODER.test(command.text.trim());
      if (!isDecoded || (command.taint.bits & (LABEL.network | LABEL.parameter)) !== 0) continue;
      const text = command.text.trim();
      if (text.length < 3 || event.site.unit.text.includes(text.slice(0, 40))) continue;
      if (isOpenlyNamed(command, event.site.unit.text)) continue;
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
