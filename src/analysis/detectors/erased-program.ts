// Owns programs that are made executable, started out of sight, and deleted again. Start at erasedProgram.
import type { Evidence } from '../evidence/evidence.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'erased-program';

/** Events of one function, by what encloses them. */
function functionOf(event: CallEvent): string {
  const frame = event.frames.at(-1);
  return `${event.site.unit.path}\0${frame?.node.start ?? -1}`;
}

function pathOf(event: CallEvent): string {
  const path = event.args[0] ?? event.receiver;
  return path === undefined ? '' : textOf(path);
}

function isHidden(archive: Evidence, event: CallEvent): boolean {
  if (event.sink !== 'process') return false;
  const out = event.keywords.get('stdout');
  return (
    archive.commands.get(event)?.isHidden === true ||
    (out !== undefined && /DEVNULL|devnull|dev\/null/.test(textOf(out)))
  );
}

/** What a started process or a loaded library is. */
function startedPath(archive: Evidence, event: CallEvent): string {
  if (event.sink === 'native') return pathOf(event);
  return archive.commands.get(event)?.words[0] ?? '';
}

/** A file that is run and then removed, so that nobody finds what ran. */
export const erasedProgram: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    const deletions = archive.events.filter((e) => e.sink === 'delete');
    const permissions = archive.events.filter((e) => e.sink === 'permissions');
    if (deletions.length === 0) return findings;
    for (const event of archive.events) {
      const isLoad = event.sink === 'native' && /CDLL|WinDLL|LoadLibrary|PyDLL/.test(event.name);
      if ((event.sink !== 'process' && !isLoad) || event.context === 'test') continue;
      const path = startedPath(archive, event);
      if (path.length < 4 || path === '%PYTHON%') continue;
      const isSame = (e: CallEvent): boolean => functionOf(e) === functionOf(event) && pathOf(e) === path;
      const deletion = deletions.find((e) => e.order > event.order && isSame(e));
      if (deletion === undefined) continue;
      const marks = (permissions.some(isSame) ? 1 : 0) + (isHidden(archive, event) ? 1 : 0) + (isLoad ? 1 : 0);
      if (marks === 0) continue;
      const unasked = isUnasked(event.context);
      findings.push(
        findingOf(ID, event, {
          score: unasked ? 9 : marks >= 2 ? 7 : 4,
          class: unasked || marks >= 2 ? 'malware' : 'suspicious',
          message: `${isLoad ? 'Loads a library' : 'Starts a program'} and deletes its file afterwards.`,
          links: [
            {
              role: 'transformation',
              path: deletion.site.unit.path,
              line: deletion.site.node.line,
              text: deletion.name,
            },
          ],
        }),
      );
    }
    return findings;
  },
};
