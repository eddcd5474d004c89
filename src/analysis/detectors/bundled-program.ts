// Owns programs and libraries of the archive that its Python starts or loads. Start at bundledProgram.
import { actsIn, weigh } from '../evidence/acts.ts';
import { bundledIn, bytesOf } from '../evidence/bundled.ts';
import { lastSegment } from '../evidence/command.ts';
import { isCommandGroup } from '../evidence/entry-points.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { STARTED_SCRIPT } from '../evidence/launched.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { LOADS_LIBRARY, nativesOf } from '../evidence/natives.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { endingPattern, WINDOWS_PROGRAMS } from '../vocabulary/endings.ts';
import { EVERYDAY_COMMANDS, programPattern, SYSTEM_COMMANDS } from '../vocabulary/programs.ts';
import { type Detector, findingAt, findingOf, momentOf } from './detector.ts';

const ID = 'bundled-program';
const MAX_SCRIPT = 2 ** 20;
const LIBRARY = /\.(?:so(?:\.[\d.]+)?|dll|dylib|pyd)$/i;
/** commands that a wheel's own script of that name would stand before, and those that no project means to give */
const EVERYDAY = programPattern(`(?:${EVERYDAY_COMMANDS})(?:\\.exe)?`);
const SYSTEM = programPattern(SYSTEM_COMMANDS);

function isNative({ member }: PlacedMember): boolean {
  const magic = Buffer.from(member.head.subarray(0, 4)).toString('latin1');
  return /^(?:MZ|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|\xce\xfa\xed\xfe)/.test(magic);
}

/**
 * What a path or a value names for certain is told by those who read it: machine code by native-payload, scripts by
 * bundled-script. Here is what only its name gives away.
 */
function isToldElsewhere(archive: Evidence, event: CallEvent, placed: PlacedMember): boolean {
  if (!bundledIn(archive.layout, event).includes(placed)) return false;
  const native = nativesOf(archive).get(placed);
  if (event.sink === 'process') return native !== undefined || STARTED_SCRIPT.test(placed.local);
  return native?.isDisguised === true && LOADS_LIBRARY.test(event.name);
}

function wordsOf(archive: Evidence, event: CallEvent): readonly string[] {
  if (event.sink === 'process') return archive.commands.get(event)?.words ?? [];
  return event.args.slice(0, 1).map((a) => textOf(a));
}

/** The first member of each last part of a path. */
function byLastPart(archive: Evidence): ReadonlyMap<string, PlacedMember> {
  const first = new Map<string, PlacedMember>();
  for (const placed of archive.layout.members) {
    const name = placed.local.slice(placed.local.lastIndexOf('/') + 1);
    if (!first.has(name)) first.set(name, placed);
  }
  return first;
}

/** The member that one of the words names by its last part. */
function memberOf(members: ReadonlyMap<string, PlacedMember>, words: readonly string[]): PlacedMember | undefined {
  for (const word of words.slice(0, 6)) {
    const name = lastSegment(word);
    if (name.length < 3 || name.includes('‹')) continue;
    const found = members.get(name);
    if (found !== undefined && found.role !== 'test') return found;
  }
  return undefined;
}

/**
 * Nothing of the library is ever asked for: loading it is all that was wanted. A wheel that is made for one machine may
 * load one library ahead of another, for which its names have to be global.
 */
function isForItsOwnSake(event: CallEvent, filename: string): boolean {
  return (
    event.isDiscarded &&
    filename.endsWith('-any.whl') &&
    ![...event.args.slice(1), ...event.keywords.values()].some((a) => /GLOBAL/.test(textOf(a)) || a.kind === 'int')
  );
}

const OTHER_PROGRAM = endingPattern(WINDOWS_PROGRAMS, 'jar|pyz');

function points(event: CallEvent, member: PlacedMember, isHidden: boolean, filename: string): number {
  const unasked = isUnasked(event.context);
  if (event.sink === 'native') {
    if (!isNative(member)) return 0;
    if (!LIBRARY.test(member.local)) return unasked ? 8 : 4;
    if (!unasked) return 0;
    return isForItsOwnSake(event, filename) ? 5 : 2;
  }
  if (!unasked) return 0;
  if (isNative(member)) return isHidden ? 10 : 7;
  const isProgram = STARTED_SCRIPT.test(member.local) || OTHER_PROGRAM.test(member.local);
  return isProgram && event.context !== 'install' ? 6 : 0;
}

/** A bundled binary or script started unasked; a library under a false name; a command that stands before the system's. */
export const bundledProgram: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    const members = byLastPart(archive);
    for (const event of archive.events) {
      if (event.sink !== 'process' && event.sink !== 'native') continue;
      const member = memberOf(members, wordsOf(archive, event));
      if (member === undefined) continue;
      const score = points(event, member, archive.commands.get(event)?.isHidden === true, archive.context.filename);
      if (score === 0 || isToldElsewhere(archive, event, member)) continue;
      findings.push(
        findingOf(ID, event, {
          score,
          class: score >= 10 ? 'malware' : 'suspicious',
          message: `${event.sink === 'native' ? 'Loads' : 'Starts'} ${member.local} of this archive ${momentOf(event)}.`,
        }),
      );
    }
    for (const { group, key, module } of archive.entryPoints) {
      if (!isCommandGroup(group) || !SYSTEM.test(key) || archive.metadata.name.includes(key.replace(/[\d.]+$/, '')))
        continue;
      findings.push(
        findingAt(
          ID,
          { path: '', line: 0, snippet: `${key} = ${module}` },
          {
            score: 7,
            class: 'suspicious',
            context: 'entry-point',
            message: `Installs a command called ${key}, which stands before the system's own.`,
          },
        ),
      );
    }
    for (const placed of archive.layout.members) {
      const { path, member, role } = placed;
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (role !== 'script' || !EVERYDAY.test(name)) continue;
      const weight = weigh(actsIn(bytesOf(placed, MAX_SCRIPT)?.toString('utf8') ?? ''));
      findings.push(
        findingAt(
          ID,
          { path, line: 1, snippet: Buffer.from(member.head.subarray(0, 200)).toString('utf8') },
          {
            score: weight.isHarmful ? 10 : 7,
            class: weight.isHarmful ? 'malware' : 'suspicious',
            context: 'entry-point',
            message: `Installs a command called ${name}, which stands before the system's own${weight.isHarmful ? ` and ${weight.why}` : ''}.`,
          },
        ),
      );
    }
    return findings;
  },
};
