// Owns: what a replay is: a release whose hostile part is marked, so that it can be rewritten and taken out again.
// May import: test/support. No I/O. Start here: Replay; pack turns a release into a file.
import { makeSdist, type SdistOptions, sdistFilename } from '../support/make-sdist.ts';
import { type FileMap, makeWheel, type WheelOptions, wheelFilename } from '../support/make-wheel.ts';

/** The attacker's host of a replay; every replay takes it as an argument so that another class of host can stand in. */
export interface Remote {
  /** scheme, host, port and a first path where the class of host has one; no slash at the end */
  readonly base: string;
  /** host alone */
  readonly host: string;
  /** `host:port` as an `nc`, a miner or a socket takes it */
  readonly address: string;
  url(path: string): string;
}

export function remote(base: string): Remote {
  const parsed = new URL(base);
  return {
    base,
    host: parsed.hostname,
    address: `${parsed.hostname}:${parsed.port === '' ? '443' : parsed.port}`,
    url: (path) => `${base}${path}`,
  };
}

/** A host for releases in which none is named. */
const NOBODY = 'https://nobody.invalid';

/** Python that does harm, and where it stands. */
export interface Site {
  /** member path; in an sdist without the top folder */
  readonly path: string;
  /** run as a file or from a folder on `sys.path`, so that its neighbours are imported by plain name */
  readonly isScript?: boolean;
  /** names the code defines that others use, so that it must stay at module level */
  readonly exports?: readonly string[];
  /**
   * `module`: statements at module level that need nothing of the file around them; `setup`: the same in setup.py, whose
   * `after` calls `setup(`; `line`: one executable line of a .pth file; `whole`: the file is the payload and others import its names
   */
  readonly form: 'module' | 'setup' | 'line' | 'whole';
  readonly before: string;
  readonly code: string;
  readonly after: string;
}

/** One file of a release, complete. */
export interface Release {
  readonly kind: 'wheel' | 'sdist';
  readonly name: string;
  readonly version: string;
  readonly files: FileMap;
  readonly wheel?: Omit<WheelOptions, 'name' | 'version'>;
  readonly sdist?: Omit<SdistOptions, 'name' | 'version'>;
}

/** A release with its hostile Python still apart from the rest. */
export interface Draft extends Release {
  readonly sites: readonly Site[];
}

export interface LookAlike {
  /** what it does that resembles the replay, and why it is honest */
  readonly why: string;
  readonly release: Release;
}

export interface Replay {
  /** `NN-slug`, also the file it is defined in (a letter follows NN where one file holds several) */
  readonly id: string;
  readonly title: string;
  /** public report, or the technique's description */
  readonly source: string;
  /** what runs, when, and to what end: what a reader of the report would need to be shown */
  readonly runs: string;
  /** empty: the replay talks to nobody */
  readonly remote: string;
  readonly draft: (remote: Remote) => Draft;
  /** the case is about the size or the encoding of a file, which rewrites would undo */
  readonly isAsReportedOnly?: true;
  /** the remote is part of a name that is looked up: an address cannot take its place */
  readonly needsName?: true;
  /** the last good release; absent where the whole project was hostile */
  readonly predecessor?: () => Release;
  readonly lookAlikes: () => readonly LookAlike[];
}

/** The replay as the report describes it. */
export function original(replay: Replay): Draft {
  return replay.draft(remote(replay.remote === '' ? NOBODY : replay.remote));
}

/** The files of a release with its sites written in. */
export function render(draft: Draft): Release {
  const { sites, files, ...rest } = draft;
  const written = Object.fromEntries(sites.map((site) => [site.path, `${site.before}${site.code}${site.after}`]));
  return { ...rest, files: { ...files, ...written } };
}

/** The same release before the attack: sites emptied (files that were nothing else are gone), `drop` left out. */
export function withoutPayload(draft: Draft, version: string, drop: readonly string[] = []): Release {
  const { sites, files, ...rest } = draft;
  const kept = Object.fromEntries(Object.entries(files).filter(([path]) => !drop.includes(path)));
  for (const site of sites) {
    const text = `${site.before}${site.after}`;
    if (text !== '' && site.form !== 'whole') kept[site.path] = text;
  }
  return { ...rest, version, files: kept };
}

/** The release before the attack, from the draft of the attack. */
export function beforeAttack(draft: (remote: Remote) => Draft, version: string, drop: readonly string[] = []): Release {
  return withoutPayload(draft(remote(NOBODY)), version, drop);
}

/** The file a client would download. */
export function pack(release: Release): { readonly filename: string; readonly bytes: Uint8Array } {
  const identity = { name: release.name, version: release.version };
  if (release.kind === 'sdist') {
    const options = { ...release.sdist, ...identity };
    return { filename: sdistFilename(options), bytes: makeSdist(release.files, options) };
  }
  const options = { ...release.wheel, ...identity };
  return { filename: wheelFilename(release.files, options), bytes: makeWheel(release.files, options) };
}

/** Content of a text member; throws when it is absent or binary. */
export function textOf(files: FileMap, path: string): string {
  const content = files[path];
  if (typeof content !== 'string') throw new Error(`no text member ${path}`);
  return content;
}

/** A site of statements put into an existing text file: before the first line that contains `marker`, or at the end. */
export function siteIn(files: FileMap, path: string, code: string, marker?: string): Site {
  const text = textOf(files, path);
  const at = marker === undefined ? text.length : text.lastIndexOf('\n', text.indexOf(marker)) + 1;
  if (at === 0 && marker !== undefined && !text.startsWith(marker)) throw new Error(`no ${marker} in ${path}`);
  return { path, form: 'module', before: text.slice(0, at), code, after: text.slice(at) };
}
