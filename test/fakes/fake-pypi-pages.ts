// Pages of the fake index, written by hand and apart from src/pypi, so that a bug there cannot hide here.
import { createHash } from 'node:crypto';
import { blake2bPath } from './fake-pypi-path.ts';

/** One file as the fake index offers it. What is left out is worked out from the bytes. */
export interface FakeFile {
  readonly filename: string;
  readonly bytes: Uint8Array;
  /** announced digests; default: the true sha256. `{}` announces none */
  readonly hashes?: Readonly<Record<string, string>>;
  /** announced size; default: the true one; null leaves it out */
  readonly sizeBytes?: number | null;
  readonly requiresPython?: string | null;
  /** the `.metadata` sibling: its bytes are served and, unless `metadataHashes` says otherwise, announced with their digest */
  readonly metadata?: string;
  /** what the page says of it: `true` for "there, no digest", `false` hides it though it is served */
  readonly metadataHashes?: Readonly<Record<string, string>> | boolean;
  readonly yanked?: boolean | string;
  /** `2024-05-01T12:00:00.000000Z`; null leaves it out; default: a fixed day long ago */
  readonly uploadTime?: string | null;
  readonly provenance?: string | null;
  /** path below the file origin; default: as pypi.org, `packages/<2>/<2>/<60>/<filename>` */
  readonly path?: string;
  /** link as written on the page; default: absolute URL of `path` */
  readonly href?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface FakeProject {
  readonly name: string;
  /** `1.0` to `1.4`; fields newer than it are left out */
  readonly apiVersion: string;
  /** representations the index knows; an index with `html` alone is a PEP 503 one */
  readonly formats: readonly ('json' | 'html')[];
  /** false: no ETag is sent and If-None-Match is ignored */
  readonly etag: boolean;
  readonly status?: string;
  readonly statusReason?: string;
  /** null: no serial is sent */
  readonly serial: number | null;
  /** default: from the filenames; null leaves the key out */
  readonly versions?: readonly string[] | null;
  readonly baseHref?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly files: readonly FakeFile[];
}

const DEFAULT_UPLOAD_TIME = '2020-01-01T00:00:00.000000Z';

export function hexDigest(algorithm: string, bytes: Uint8Array | string): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** Path of a file below the file origin, without a leading slash. */
export function pathOf(file: FakeFile): string {
  return file.path ?? blake2bPath(file.bytes, file.filename);
}

function announcedMetadata(file: FakeFile): Readonly<Record<string, string>> | boolean | undefined {
  if (file.metadataHashes !== undefined) return file.metadataHashes;
  return file.metadata === undefined ? undefined : { sha256: hexDigest('sha256', file.metadata) };
}

function announcedHashes(file: FakeFile): Readonly<Record<string, string>> {
  return file.hashes ?? { sha256: hexDigest('sha256', file.bytes) };
}

function versionsOf(project: FakeProject): string[] {
  const versions = project.files.map((file) => {
    const wheel = /^[^-]+-([^-]+)-.*\.whl$/.exec(file.filename);
    const sdist = /-([^-]+?)\.(?:tar\.gz|tar\.bz2|tgz|zip)$/.exec(file.filename);
    return wheel?.[1] ?? sdist?.[1] ?? '0';
  });
  return [...new Set(versions)];
}

function jsonFile(file: FakeFile, fileOrigin: string, minor: number): Record<string, unknown> {
  const metadata = announcedMetadata(file);
  return {
    ...(metadata === undefined
      ? { 'core-metadata': false, 'data-dist-info-metadata': false }
      : { 'core-metadata': metadata, 'data-dist-info-metadata': metadata }),
    filename: file.filename,
    hashes: announcedHashes(file),
    ...(minor >= 3 ? { provenance: file.provenance ?? null } : {}),
    'requires-python': file.requiresPython ?? null,
    ...(minor >= 1 && file.sizeBytes !== null ? { size: file.sizeBytes ?? file.bytes.length } : {}),
    ...(minor >= 1 && file.uploadTime !== null ? { 'upload-time': file.uploadTime ?? DEFAULT_UPLOAD_TIME } : {}),
    url: file.href ?? `${fileOrigin}/${pathOf(file)}`,
    yanked: file.yanked ?? false,
    ...file.extra,
  };
}

/** The PEP 691 page of a project. */
export function renderJson(project: FakeProject, fileOrigin: string): string {
  const minor = Number(project.apiVersion.split('.')[1] ?? '0');
  return JSON.stringify({
    ...(project.status !== undefined && minor >= 4
      ? {
          'project-status': {
            status: project.status,
            ...(project.statusReason === undefined ? {} : { reason: project.statusReason }),
          },
        }
      : {}),
    files: project.files.map((file) => jsonFile(file, fileOrigin, minor)),
    meta: {
      ...(project.serial === null ? {} : { '_last-serial': project.serial }),
      'api-version': project.apiVersion,
    },
    name: project.name,
    ...(minor >= 1 && project.versions !== null ? { versions: project.versions ?? versionsOf(project) } : {}),
    ...project.extra,
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function htmlAnchor(file: FakeFile, fileOrigin: string): string {
  const [algorithm, digest] = Object.entries(announcedHashes(file))[0] ?? [];
  const fragment = algorithm === undefined ? '' : `#${algorithm}=${digest ?? ''}`;
  const attributes = [`href="${escapeHtml((file.href ?? `${fileOrigin}/${pathOf(file)}`) + fragment)}"`];
  if (typeof file.requiresPython === 'string') {
    attributes.push(`data-requires-python="${escapeHtml(file.requiresPython)}"`);
  }
  const metadata = announcedMetadata(file);
  if (metadata !== undefined && metadata !== false) {
    const value = metadata === true ? 'true' : `sha256=${metadata['sha256'] ?? ''}`;
    attributes.push(`data-dist-info-metadata="${value}"`, `data-core-metadata="${value}"`);
  }
  if (file.yanked !== undefined && file.yanked !== false) {
    attributes.push(`data-yanked="${file.yanked === true ? '' : escapeHtml(file.yanked)}"`);
  }
  if (typeof file.provenance === 'string') attributes.push(`data-provenance="${escapeHtml(file.provenance)}"`);
  return `    <a ${attributes.join(' ')} >${escapeHtml(file.filename)}</a><br />`;
}

/** The PEP 503 page of a project, spaced as warehouse writes it. */
export function renderHtml(project: FakeProject, fileOrigin: string): string {
  const head = [
    `    <meta name="pypi:repository-version" content="${project.apiVersion}">`,
    ...(project.status === undefined
      ? []
      : [`    <meta name="pypi:project-status" content="${escapeHtml(project.status)}">`]),
    ...(project.statusReason === undefined
      ? []
      : [`    <meta name="pypi:project-status-reason" content="${escapeHtml(project.statusReason)}">`]),
    ...(project.baseHref === undefined ? [] : [`    <base href="${escapeHtml(project.baseHref)}">`]),
    `    <title>Links for ${escapeHtml(project.name)}</title>`,
  ];
  const serial = project.serial === null ? '' : `<!--SERIAL ${String(project.serial)}-->`;
  return `<!DOCTYPE html>
<html>
  <head>
${head.join('\n')}
  </head>
  <body>
    <h1>Links for ${escapeHtml(project.name)}</h1>
${project.files.map((file) => htmlAnchor(file, fileOrigin)).join('\n')}
</body>
</html>
${serial}`;
}

/** The root list. */
export function renderRootJson(names: readonly string[], serial: number): string {
  return JSON.stringify({
    meta: { '_last-serial': serial, 'api-version': '1.4' },
    projects: names.map((name) => ({ '_last-serial': serial, name })),
  });
}

export function renderRootHtml(names: readonly string[]): string {
  const anchors = names.map((name) => `    <a href="/simple/${name}/">${escapeHtml(name)}</a>`).join('\n');
  return `<!DOCTYPE html>
<html>
  <head>
    <meta name="pypi:repository-version" content="1.4">
    <title>Simple index</title>
  </head>
  <body>
${anchors}
  </body>
</html>`;
}

/** `/pypi/<name>/json` (version undefined) or `/pypi/<name>/<version>/json`. */
export function renderProjectJson(
  project: FakeProject,
  version: string | undefined,
  fileOrigin: string,
): string | undefined {
  const versions = versionsOf(project);
  const shown = version ?? versions.at(-1) ?? '0';
  if (version !== undefined && !versions.includes(version)) return undefined;
  const entry = (file: FakeFile): Record<string, unknown> => ({
    digests: announcedHashes(file),
    filename: file.filename,
    packagetype: file.filename.endsWith('.whl') ? 'bdist_wheel' : 'sdist',
    requires_python: file.requiresPython ?? null,
    size: file.sizeBytes ?? file.bytes.length,
    upload_time_iso_8601: file.uploadTime ?? DEFAULT_UPLOAD_TIME,
    url: file.href ?? `${fileOrigin}/${pathOf(file)}`,
    yanked: file.yanked !== undefined && file.yanked !== false,
    yanked_reason: typeof file.yanked === 'string' ? file.yanked : null,
  });
  const filesOf = (wanted: string): Record<string, unknown>[] =>
    project.files.filter((file) => versionsOf({ ...project, files: [file] })[0] === wanted).map(entry);
  return JSON.stringify({
    info: { name: project.name, version: shown, summary: 'A fake project', yanked: false, yanked_reason: null },
    last_serial: project.serial ?? 0,
    ...(version === undefined ? { releases: Object.fromEntries(versions.map((each) => [each, filesOf(each)])) } : {}),
    urls: filesOf(shown),
    vulnerabilities: [],
  });
}
