import type { AnomalyLog } from './anomalies.ts';
import type { Member } from './archive.ts';
import { extension, isCode, isPython } from './member-kind.ts';

/** `./a//b/` as `a/b`: what every installer's path arithmetic makes of it. `..` and a leading `/` stay visible. */
export function cleanPath(path: string): string {
  if (!path.includes('//') && !path.startsWith('./') && !path.includes('/./') && !path.endsWith('/.')) {
    return path;
  }
  const root = path.startsWith('/') ? '/' : '';
  return (
    root +
    path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/')
  );
}

const CONTROL = /[\u0000-\u001f\u007f]/u;
/** bidirectional overrides, zero-width characters and line separators: they make one name look like another */
const INVISIBLE = /[\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/u;
const DRIVE = /^[A-Za-z]:/u;

/** Names one member's path breaks rules with, as anomalies of that member. */
export function inspectPath(path: string, log: AnomalyLog): void {
  if (path === '') {
    log.add('path-empty', '');
  }
  if (CONTROL.test(path)) {
    log.add('path-control', path);
  }
  if (path.startsWith('/') || DRIVE.test(path)) {
    log.add('path-absolute', path);
  }
  if (path.split(/[/\\]/u).includes('..')) {
    log.add('path-escapes', path);
  }
  if (path.includes('\\')) {
    log.add('path-backslash', path);
  }
  if (INVISIBLE.test(path)) {
    log.add('path-invisible', path);
  }
  inspectWindowsName(path, log);
}

/** The same for a folder, which may be the archive's root (`./`). */
export function inspectFolder(path: string, log: AnomalyLog): void {
  const bare = path.replace(/\/+$/u, '');
  if (bare !== '' || path.startsWith('/')) {
    inspectPath(bare === '' ? '/' : bare, log);
  }
}

const NAMED_STREAM = /^[^:]*[^:. ]:[^:. ][^:]*$/u;

/** Windows drops trailing dots and spaces and takes `:` as a stream: `x.pth.` and `x.pth::$DATA` are `x.pth` there. */
function inspectWindowsName(path: string, log: AnomalyLog): void {
  for (const part of path.split('/')) {
    // A stream with a name of its own (`x.py:Zone.Identifier`, which Windows leaves behind) is beside the file, not in it.
    if (NAMED_STREAM.test(part)) continue;
    const seen = (part.split(':')[0] ?? '').replace(/[. ]+$/u, '');
    if (seen !== part && seen !== '' && (isPython(seen) || ['pyd', 'dll', 'cfg', 'toml'].includes(extension(seen)))) {
      log.add('path-windows', path, seen);
    }
  }
}

/**
 * Finds members that share a path, exactly or on a file system that folds case, and files that are folders as well.
 *
 * @param isLastTaken every reader takes the last of several data members, as in a tar without hard links: pip reads a hard
 *   link as what its target was at that moment, and whoever unpacks to disk as what it became
 */
export function inspectDuplicates(members: readonly Member[], isLastTaken: boolean, log: AnomalyLog): void {
  const seen = new Map<string, Member>();
  const folded = new Map<string, string>();
  for (const member of members) {
    const earlier = seen.get(member.path);
    if (earlier !== undefined) {
      reportDuplicate(earlier, member, isLastTaken, log);
    }
    seen.set(member.path, member);
    const fold = member.path.normalize('NFKC').toLowerCase();
    const spelling = folded.get(fold);
    if (spelling !== undefined && spelling !== member.path) {
      log.add(isPython(member.path) ? 'duplicate-case-code' : 'duplicate-case', member.path, spelling);
    }
    folded.set(fold, member.path);
  }
  inspectFolders(seen, log);
}

function reportDuplicate(earlier: Member, later: Member, isLastTaken: boolean, log: AnomalyLog): void {
  if (earlier.sha256 === later.sha256 && earlier.linkTarget === later.linkTarget) {
    log.add('duplicate-same', later.path);
  } else if (!isLastTaken || isCode(later.path) || (earlier.linkTarget ?? later.linkTarget) !== undefined) {
    // unpackers of tars let the last one win, unless they are told to keep what is there, or write through a link
    log.add('duplicate-differs', later.path);
  } else {
    log.add('duplicate-differs-tar', later.path);
  }
}

/** Of members that share a path the last one, which is what unpacking leaves; in the order of the archive. */
export function lastOfEach(members: readonly Member[]): readonly Member[] {
  const last = new Map(members.map((member) => [member.path, member]));
  return last.size === members.length ? members : members.filter((member) => last.get(member.path) === member);
}

function inspectFolders(seen: ReadonlyMap<string, Member>, log: AnomalyLog): void {
  const checked = new Set<string>();
  for (const path of seen.keys()) {
    let slash = path.lastIndexOf('/');
    while (slash > 0) {
      const folder = path.slice(0, slash);
      if (checked.has(folder)) {
        break;
      }
      checked.add(folder);
      const member = seen.get(folder);
      if (member !== undefined) {
        log.add('path-below-file', path, folder);
      }
      slash = folder.lastIndexOf('/');
    }
  }
}
