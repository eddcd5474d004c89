import type { AnomalyLog } from './anomalies.ts';
import type { Member } from './archive.ts';
import { isProse } from './member-kind.ts';
import { cleanPath } from './paths.ts';

/** A link of a tar as it is stored: symbolic from its own folder, hard from the root of the archive. */
export interface RawLink {
  readonly kind: 'symbolic' | 'hard';
  readonly target: string;
}

const MAX_HOPS = 40;
/** members that come from links to folders; real sdists need a few hundred */
const MAX_ALIASES = 20_000;

/**
 * Gives links the content they lead to once unpacked, and adds the members that a link to a folder makes reachable, so that
 * `pkg -> tests/data` cannot hide what `pkg/__init__.py` is. A link out of the archive is ambiguous: what it shows depends on
 * the machine. In the place of a page for readers it shows no code to anybody, and one that leads to nothing inside is a note.
 */
export function resolveLinks(
  members: readonly Member[],
  links: ReadonlyMap<Member, RawLink>,
  log: AnomalyLog,
): readonly Member[] {
  if (links.size === 0) {
    return members;
  }
  const tree = buildTree(members, links);
  const resolved: Member[] = [];
  let aliases = 0;
  for (const member of members) {
    const link = links.get(member);
    if (link === undefined) {
      resolved.push(member);
      continue;
    }
    const end = followLink(tree, member.path, link);
    if (end.kind === 'outside') {
      log.add(link.kind === 'symbolic' && isProse(member.path) ? 'link-escapes-prose' : 'link-escapes', member.path);
    } else if (end.kind === 'nothing') {
      log.add('link-dangling', member.path);
    }
    const target = end.kind === 'inside' ? tree.files.get(end.path) : undefined;
    resolved.push(target === undefined ? member : asAlias(member.path, target));
    if (end.kind === 'inside' && target === undefined) {
      const inside = aliasesBelow(tree, member, end.path);
      aliases += inside.length;
      if (aliases > MAX_ALIASES) {
        log.add('link-too-many', member.path);
        break;
      }
      resolved.push(...inside);
    }
  }
  return resolved;
}

interface Tree {
  /** path → regular file; of several with one path the last, as on disk */
  readonly files: ReadonlyMap<string, Member>;
  readonly folders: ReadonlyMap<string, readonly Member[]>;
  readonly links: ReadonlyMap<string, RawLink>;
  /** the only top folder, which installers strip; undefined when there are several */
  readonly top: string | undefined;
}

function buildTree(members: readonly Member[], links: ReadonlyMap<Member, RawLink>): Tree {
  const files = new Map<string, Member>();
  const folders = new Map<string, Member[]>();
  const linksByPath = new Map<string, RawLink>();
  const tops = new Set<string>();
  for (const member of members) {
    const link = links.get(member);
    if (link === undefined) {
      files.set(member.path, member);
    } else {
      linksByPath.set(member.path, link);
    }
    tops.add(member.path.split('/')[0] ?? '');
    for (let slash = member.path.lastIndexOf('/'); slash > 0; slash = member.path.lastIndexOf('/', slash - 1)) {
      const folder = member.path.slice(0, slash);
      const inside = folders.get(folder);
      if (inside === undefined) {
        folders.set(folder, [member]);
      } else {
        inside.push(member);
      }
    }
  }
  const [top] = tops;
  return { files, folders, links: linksByPath, top: tops.size === 1 ? top : undefined };
}

type LinkEnd = { readonly kind: 'inside'; readonly path: string } | { readonly kind: 'outside' | 'nothing' };

/** Where a link ends after all hops, through links in the middle of its path as well. */
function followLink(tree: Tree, path: string, link: RawLink): LinkEnd {
  if (link.target.startsWith('/')) {
    return { kind: 'outside' };
  }
  const start = link.kind === 'hard' ? [] : path.split('/').slice(0, -1);
  const waiting = link.target.split('/');
  const at = [...start];
  for (let hops = 0; waiting.length > 0; ) {
    const part = waiting.shift() ?? '';
    if (part === '' || part === '.') {
      continue;
    }
    if (part === '..') {
      if (at.length === 0 || (tree.top !== undefined && at.length === 1)) {
        return { kind: 'outside' };
      }
      at.pop();
      continue;
    }
    at.push(part);
    const next = tree.links.get(at.join('/'));
    if (next !== undefined) {
      hops += 1;
      if (hops > MAX_HOPS) {
        return { kind: 'nothing' };
      }
      if (next.target.startsWith('/')) {
        return { kind: 'outside' };
      }
      at.splice(next.kind === 'hard' ? 0 : at.length - 1);
      waiting.unshift(...next.target.split('/'));
    }
  }
  const end = at.join('/');
  const isThere = tree.files.has(end) || tree.folders.has(end);
  return isThere ? { kind: 'inside', path: end } : { kind: 'nothing' };
}

function asAlias(path: string, target: Member): Member {
  return { ...target, path, aliasOf: target.path };
}

/** The members of the folder a link leads to, under the link's own path; none when the link lies inside that folder. */
function aliasesBelow(tree: Tree, link: Member, folder: string): readonly Member[] {
  if (link.path.startsWith(`${folder}/`) || link.path === folder) {
    return [];
  }
  return (tree.folders.get(folder) ?? []).map((member) =>
    asAlias(cleanPath(link.path + member.path.slice(folder.length)), member),
  );
}
