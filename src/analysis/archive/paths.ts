import type { AnomalyLog } from './anomalies.ts';
import type { Member } from './archive.ts';
import { extension, isPython } from './member-kind.ts';

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
    log.add('ambiguous', 'path-empty', '', 'a member has no name');
  }
  if (CONTROL.test(path)) {
    log.add('ambiguous', 'path-control', path, 'a member name holds control characters');
  }
  if (path.startsWith('/') || DRIVE.test(path)) {
    log.add('ambiguous', 'path-absolute', path, 'a member has an absolute path');
  }
  if (path.split(/[/\\]/u).includes('..')) {
    log.add('ambiguous', 'path-escapes', path, 'a member path climbs out with ".."');
  }
  if (path.includes('\\')) {
    log.add('ambiguous', 'path-backslash', path, 'a backslash is a folder on Windows and a character elsewhere');
  }
  if (INVISIBLE.test(path)) {
    log.add('suspicious', 'path-invisible', path, 'a member name holds invisible or direction-changing characters');
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

/** Windows drops trailing dots and spaces and takes `:` as a stream: `x.pth.` and `x.pth::$DATA` are `x.pth` there. */
function inspectWindowsName(path: string, log: AnomalyLog): void {
  for (const part of path.split('/')) {
    const seen = (part.split(':')[0] ?? '').replace(/[. ]+$/u, '');
    if (seen !== part && seen !== '' && (isPython(seen) || ['pyd', 'dll', 'cfg', 'toml'].includes(extension(seen)))) {
      log.add('ambiguous', 'path-windows', path, `on Windows a part of this path is read as "${seen}"`);
    }
  }
}

/** Finds members that share a path, exactly or on a file system that folds case, and files that are folders as well. */
export function inspectDuplicates(members: readonly Member[], container: 'zip' | 'tar', log: AnomalyLog): void {
  const seen = new Map<string, Member>();
  const folded = new Map<string, string>();
  for (const member of members) {
    const earlier = seen.get(member.path);
    if (earlier !== undefined) {
      reportDuplicate(earlier, member, container, log);
    }
    seen.set(member.path, member);
    const fold = member.path.normalize('NFKC').toLowerCase();
    const spelling = folded.get(fold);
    if (spelling !== undefined && spelling !== member.path) {
      const effect = isPython(member.path) ? 'suspicious' : 'note';
      log.add(effect, 'duplicate-case', member.path, `on Windows and macOS it overwrites "${spelling}"`);
    }
    folded.set(fold, member.path);
  }
  inspectFolders(seen, log);
}

function reportDuplicate(earlier: Member, later: Member, container: 'zip' | 'tar', log: AnomalyLog): void {
  if (earlier.sha256 === later.sha256 && earlier.linkTarget === later.linkTarget) {
    log.add('note', 'duplicate-same', later.path, 'a member is there twice, with the same content');
  } else if (container === 'zip') {
    // zipfile opens by name and takes the last; a streaming installer takes them in order
    log.add('ambiguous', 'duplicate-differs', later.path, 'two members share a path and differ');
  } else {
    log.add(
      'suspicious',
      'duplicate-differs-tar',
      later.path,
      'two members share a path and differ: the last one wins',
    );
  }
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
        const how = member.linkTarget === undefined ? 'a file' : 'a link';
        log.add('ambiguous', 'path-below-file', path, `"${folder}" is ${how} and a folder`);
      }
      slash = folder.lastIndexOf('/');
    }
  }
}
