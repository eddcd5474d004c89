// Owns the policy file on disk: read at the start, read again when it changes, never replaced by a broken one.
// May import ports, policy and node:fs. Start at openPolicyFile.
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CordonError } from '../errors.ts';
import { type PolicyFile, type PolicyProblem, parsePolicyFile } from '../policy/parse-policy-file.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Timers } from '../ports/timers.ts';

export type PolicyFileState =
  /** digest: hex sha256 of the text; `absent` when there never was a file */
  | { readonly kind: 'ok'; readonly since: number; readonly digest: string }
  /** `error` names the line; the last good policy is in force since `goodSince` */
  | { readonly kind: 'broken'; readonly since: number; readonly error: string; readonly goodSince: number };

export interface WatchedPolicyFile {
  readonly state: () => PolicyFileState;
  /** undefined: the file is good; else what is wrong, for a person */
  readonly problem: () => string | undefined;
  /** Looks at the file now. Never throws: what is wrong with it is its state. */
  readonly reload: () => Promise<void>;
  readonly close: () => void;
}

export interface PolicyFileDeps {
  readonly path: string;
  /** Puts a version of the file in force; undefined: there is none. */
  readonly apply: (file: PolicyFile | undefined, digest: string) => Promise<void>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly notifier: Notifier;
}

/** Editors and git write a file in several steps: it is read when it has been quiet for this long. */
const QUIET_MS = 200;
/** Where the system does not announce changes (network file systems, bind mounts). */
const POLL_MS = 5_000;
const MAX_SHOWN_PROBLEMS = 5;

/**
 * Reads the policy file and keeps reading it.
 *
 * @throws CONFIG_INVALID when the file is broken at the start: there is no last good policy to fall back on, and starting
 *   without the administrator's denials would be worse than not starting
 */
export async function openPolicyFile(deps: PolicyFileDeps): Promise<WatchedPolicyFile> {
  const first = await readPolicyFile(deps.path);
  if (first.kind === 'broken') throw new CordonError('CONFIG_INVALID', first.error);
  const digest = first.kind === 'absent' ? 'absent' : first.digest;
  await deps.apply(first.kind === 'absent' ? undefined : first.policy, digest);
  return watchPolicyFile(deps, { kind: 'ok', since: deps.clock.now(), digest });
}

function watchPolicyFile(deps: PolicyFileDeps, initial: PolicyFileState & { kind: 'ok' }): WatchedPolicyFile {
  const { path, clock, timers, log } = deps;
  let state: PolicyFileState = initial;
  let good = initial;
  let running: Promise<void> | undefined;
  let cancelQuiet = (): void => undefined;
  let cancelPoll = (): void => undefined;
  let lastStamp = '';
  let isClosed = false;

  const fail = async (error: string): Promise<void> => {
    if (state.kind === 'broken' && state.error === error) return;
    state = { kind: 'broken', since: clock.now(), error, goodSince: good.since };
    log.error({ path, reason: error }, 'the policy file is broken; the last good policy stays in force');
    await deps.notifier.notify({
      kind: 'policy-broken',
      at: clock.now(),
      title: 'The policy file is broken; the last good policy stays in force',
      fields: { path, error },
    });
  };

  const look = async (): Promise<void> => {
    const read = await readPolicyFile(path);
    if (read.kind === 'broken') return fail(read.error);
    // a file that is there and then not may be an edit under way, or a mistake: its denials do not go with it
    if (read.kind === 'absent')
      return good.digest === 'absent' ? undefined : fail(`${path}: the file is gone; empty it to drop its entries`);
    if (read.digest !== good.digest) {
      await deps.apply(read.policy, read.digest);
      good = { kind: 'ok', since: clock.now(), digest: read.digest };
      log.info({ path, entries: read.policy.entries.length }, 'the policy file was read again');
    } else if (state.kind === 'broken') {
      log.info({ path }, 'the policy file is good again');
    }
    state = good;
  };

  const reload = async (): Promise<void> => {
    // one after the other: a slow read must not overwrite the result of a later one
    const previous = running ?? Promise.resolve();
    running = previous.then(look).catch((error: unknown) => {
      lastStamp = ''; // the next poll tries again
      log.error({ path, err: error }, 'the policy file was read, but could not be put in force');
    });
    return running;
  };

  const soon = (): void => {
    cancelQuiet();
    cancelQuiet = timers.after(QUIET_MS, () => void reload());
  };
  const poll = (): void => {
    cancelPoll = timers.after(POLL_MS, () => {
      void stampOf(path).then((stamp) => {
        if (stamp !== lastStamp) soon();
        lastStamp = stamp;
        if (!isClosed) poll();
      });
    });
  };

  const stopWatching = watchFolder(path, soon, log);
  void stampOf(path).then((stamp) => {
    lastStamp = stamp;
  });
  poll();

  return {
    state: () => state,
    problem: () => (state.kind === 'ok' ? undefined : state.error),
    reload,
    close: () => {
      isClosed = true;
      cancelQuiet();
      cancelPoll();
      stopWatching();
    },
  };
}

/** The folder is watched, not the file: editors replace it, and a watch would stay with the old one. */
function watchFolder(path: string, onChange: () => void, log: Log): () => void {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onChange();
    });
    watcher.on('error', (error) => {
      log.warn({ path, err: error }, 'the policy file is polled: its folder cannot be watched');
      watcher.close();
    });
    return () => watcher.close();
  } catch (error) {
    log.warn({ path, err: error }, 'the policy file is polled: its folder cannot be watched');
    return () => undefined;
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'absent'; // why it cannot be read is said when it is read
  }
}

type ReadPolicyFile =
  | { readonly kind: 'ok'; readonly policy: PolicyFile; readonly digest: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly error: string };

/** Reads and validates a policy file, as `cordon config check` does too. Never throws. */
export async function readPolicyFile(path: string): Promise<ReadPolicyFile> {
  let text: string;
  let writtenAt: number;
  try {
    text = await readFile(path, 'utf8');
    writtenAt = Math.floor((await stat(path)).mtimeMs);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'broken', error: `${path} cannot be read (${code}).` };
  }
  const parsed = parsePolicyFile(text, writtenAt);
  if (parsed.kind === 'broken') return { kind: 'broken', error: describeProblems(path, parsed.problems) };
  return { kind: 'ok', policy: parsed.policy, digest: createHash('sha256').update(text).digest('hex') };
}

function describeProblems(path: string, problems: readonly PolicyProblem[]): string {
  const shown = problems.slice(0, MAX_SHOWN_PROBLEMS).map(({ line, message }) => `${path}:${line}: ${message}`);
  const rest = problems.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
