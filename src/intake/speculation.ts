// Owns how much is fetched before anybody asks for it. Does no I/O. Start at createSpeculation.
import type { Clock } from '../ports/clock.ts';
import type { SpeculativeLimits } from './deps.ts';

/** Files fetched for a client and not asked for count against it for this long. */
const WINDOW_MS = 600_000;
/** Clients whose accounts are kept; the one that was quiet longest is forgotten first. */
const MAX_CLIENTS = 10_000;
/** A file of unknown size is taken for one of this size. */
const UNKNOWN_BYTES = 8 * 1024 * 1024;

interface Grant {
  readonly client: string;
  readonly bytes: number;
  readonly startedAt: number;
}

export interface Speculation {
  /** Asks to begin a file ahead; true books it. */
  begin(fileKey: string, client: string, sizeBytes: number | undefined): boolean;
  /** The job ended, well or not: its bytes and its place are free. */
  end(fileKey: string): void;
  /** Somebody asked for the file: it was no waste. Its place is free at once, for the job is a requested one now. */
  use(fileKey: string): void;
  stats(): { readonly jobs: number; readonly bytes: number };
}

/**
 * The budget for work that nobody asked for: files and bytes under way, in total and per client, and files that were fetched
 * for a client in vain. Resolving alone (`pip index versions`, a crawler, an update bot) runs dry; installing does not.
 */
export function createSpeculation(limits: SpeculativeLimits, clock: Clock): Speculation {
  const grants = new Map<string, Grant>();
  const running = new Set<Grant>();
  /** grants that nobody used yet, by client; the client whose last grant is longest ago first */
  const accounts = new Map<string, Map<string, Grant>>();

  const isOver = (grant: Grant): boolean => !running.has(grant) && clock.now() - grant.startedAt >= WINDOW_MS;
  const sumBytes = (): number => [...running].reduce((sum, grant) => sum + grant.bytes, 0);

  function closeAccount(client: string): void {
    for (const key of accounts.get(client)?.keys() ?? []) grants.delete(key);
    accounts.delete(client);
  }

  /** Forgets quiet clients: all of whose grants are over, or that are too many. */
  function forgetQuiet(): void {
    for (const [client, account] of accounts) {
      const newest = [...account.values()].at(-1);
      if (newest !== undefined && !isOver(newest) && accounts.size <= MAX_CLIENTS) return;
      closeAccount(client);
    }
  }

  function openAccount(client: string): Map<string, Grant> {
    const account = accounts.get(client) ?? new Map<string, Grant>();
    for (const [key, grant] of account) {
      if (!isOver(grant)) break;
      account.delete(key);
      grants.delete(key);
    }
    accounts.delete(client);
    forgetQuiet();
    accounts.set(client, account);
    return account;
  }

  return {
    begin(fileKey, client, sizeBytes) {
      if (!limits.isEnabled || (sizeBytes ?? 0) > limits.maxFileBytes) return false;
      const bytes = sizeBytes ?? UNKNOWN_BYTES;
      if (running.size >= limits.jobs || sumBytes() + bytes > limits.bytes) return false;
      const own = [...running].filter((grant) => grant.client === client).length;
      if (own >= limits.jobsPerClient) return false;
      const account = openAccount(client);
      if (account.size >= limits.unusedPerClient) return false;
      const grant: Grant = { client, bytes, startedAt: clock.now() };
      grants.set(fileKey, grant);
      account.set(fileKey, grant);
      running.add(grant);
      return true;
    },
    end(fileKey) {
      const grant = grants.get(fileKey);
      if (grant !== undefined) running.delete(grant);
    },
    use(fileKey) {
      const grant = grants.get(fileKey);
      if (grant === undefined) return;
      grants.delete(fileKey);
      running.delete(grant);
      accounts.get(grant.client)?.delete(fileKey);
    },
    stats: () => ({ jobs: running.size, bytes: sumBytes() }),
  };
}
