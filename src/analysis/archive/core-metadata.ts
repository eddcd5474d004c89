import type { ArchiveKind, Member } from './archive.ts';

const METADATA_BYTES = 4 * 2 ** 20;

/** PEP 503 name with `-` as `_`, as folder names in wheels have it. */
function folderName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/gu, '_');
}

/** Names of the top folders that end like this, e.g. `six-1.16.0.dist-info`. */
export function topFolders(members: readonly Member[], ending: string): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of members) {
    const slash = path.indexOf('/');
    if (slash > 0 && path.slice(0, slash).endsWith(ending)) {
      folders.add(path.slice(0, slash));
    }
  }
  return [...folders];
}

/**
 * The `.dist-info` folder that installers take: of several, the one named like the wheel.
 * @param filename of the wheel
 */
export function findDistInfo(members: readonly Member[], filename: string): string | undefined {
  const folders = topFolders(members, '.dist-info');
  const project = folderName(filename.split('-')[0] ?? '');
  return folders.find((folder) => folderName(folder.split('-')[0] ?? '') === project) ?? folders[0];
}

/** The archive's own METADATA (wheel) or PKG-INFO (sdist, egg). undefined: not there, or larger than 4 MiB. */
export function findCoreMetadata(
  kind: ArchiveKind,
  members: readonly Member[],
  filename: string,
): Uint8Array | undefined {
  const path = metadataPath(kind, members, filename);
  const found = members.findLast((member) => member.path === path && member.linkTarget === undefined);
  return found === undefined || found.sizeBytes > METADATA_BYTES ? undefined : found.read();
}

function metadataPath(kind: ArchiveKind, members: readonly Member[], filename: string): string | undefined {
  switch (kind) {
    case 'wheel': {
      const folder = findDistInfo(members, filename);
      return folder === undefined ? undefined : `${folder}/METADATA`;
    }
    case 'egg':
      return 'EGG-INFO/PKG-INFO';
    case 'sdist': {
      const tops = new Set(members.map(({ path }) => path.split('/')[0] ?? ''));
      const path = tops.size === 1 ? `${[...tops].join('')}/PKG-INFO` : 'PKG-INFO';
      // A wheel that was uploaded under the name of an sdist.
      const isWheel = !members.some((member) => member.path === path) && findDistInfo(members, filename) !== undefined;
      return isWheel ? metadataPath('wheel', members, filename) : path;
    }
    case 'unknown':
      return undefined;
  }
}
