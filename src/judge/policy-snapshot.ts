// Owns the policy in force: settings, the policy file and the runtime entries as one immutable snapshot, swapped at once.
// May import ports and policy. Start at createPolicySnapshot. decide sees nothing but what current() gives.
import type { Policy } from '../policy/entry.ts';
import type { PolicyFile } from '../policy/parse-policy-file.ts';
import { parseMoment } from '../policy/parse-time.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { Log } from '../ports/log.ts';

/** Names of the settings that an administrator changes at runtime; they win over the configuration. */
export const MODE_SETTING = 'mode';
/** a moment, or `off` */
export const FREEZE_SETTING = 'freeze';
/** digest of the policy file that was last in force */
const FILE_SETTING = 'policy-file';

/** What the configuration and the build decide; `freezeAt` and `mode` may be overruled at runtime. */
export type PolicySettings = Omit<Policy, 'revision' | 'entries' | 'freezeAt'> & Partial<Pick<Policy, 'freezeAt'>>;

export interface PolicySnapshot {
  /** The policy for the next decision. An edit whose promise has resolved is in it. Throws STORE_DOWN. */
  readonly current: () => Promise<Policy>;
  /**
   * Puts another version of the policy file in force; undefined: there is none.
   * @param digest of its text: the same digest as before, also before a restart, changes nothing
   */
  readonly replaceFile: (file: PolicyFile | undefined, digest: string) => Promise<void>;
  /** Stops listening to the store. */
  readonly close: () => void;
}

/** Runtime edits reach the snapshot through store.policy.onChange: a decision reads no table for its policy. */
export function createPolicySnapshot(
  settings: PolicySettings,
  deps: { readonly store: Pick<DecisionStore, 'policy'>; readonly log: Log },
): PolicySnapshot {
  const { store, log } = deps;
  let file: PolicyFile = { entries: [], cooldown: [] };
  let edits = 0;
  let loaded: { readonly edits: number; readonly policy: Promise<Policy> } | undefined;
  const stop = store.policy.onChange(() => {
    edits += 1;
  });

  const load = async (): Promise<Policy> => {
    const { policy } = store;
    const [revision, runtime, mode, freeze] = await Promise.all([
      policy.revision(),
      policy.listEntries(),
      policy.findSetting(MODE_SETTING),
      policy.findSetting(FREEZE_SETTING),
    ]);
    const freezeAt = readFreeze(freeze, settings.freezeAt, log);
    const { thresholds, installedAt, ruleset, rulesetGraceMs } = settings;
    return {
      thresholds,
      installedAt,
      ruleset,
      rulesetGraceMs,
      ...(freezeAt === undefined ? {} : { freezeAt }),
      revision,
      mode: readMode(mode, settings.mode, log),
      entries: [...file.entries, ...runtime],
      cooldown: [...settings.cooldown, ...file.cooldown],
    };
  };

  return {
    current: async () => {
      for (;;) {
        const before = edits;
        if (loaded?.edits !== before) {
          const policy = load();
          loaded = { edits: before, policy };
          policy.catch(() => {
            loaded = undefined; // a store that fails now may answer the next request
          });
        }
        const policy = await loaded.policy;
        // an edit that came while the tables were read may be in one of them and not in the other
        if (edits === before) return policy;
      }
    },
    replaceFile: async (next, digest) => {
      const known = await store.policy.findSetting(FILE_SETTING);
      file = next ?? { entries: [], cooldown: [] };
      edits += 1;
      if (known === digest) return;
      await store.policy.setSetting(FILE_SETTING, digest, {
        kind: 'policy-file-changed',
        actor: 'policy-file',
        ...(known === undefined ? {} : { before: { digest: known } }),
        after: { digest, entries: file.entries },
      });
    },
    close: stop,
  };
}

function readMode(text: string | undefined, otherwise: Policy['mode'], log: Log): Policy['mode'] {
  if (text === undefined) return otherwise;
  if (text === 'enforce' || text === 'monitor') return text;
  log.error({ setting: MODE_SETTING, value: text }, 'a stored setting cannot be read; enforce is in force');
  return 'enforce';
}

function readFreeze(text: string | undefined, otherwise: number | undefined, log: Log): number | undefined {
  if (text === undefined) return otherwise;
  if (text === 'off') return undefined;
  const freezeAt = parseMoment(text);
  if (freezeAt !== undefined) return freezeAt;
  log.error({ setting: FREEZE_SETTING, value: text }, 'a stored setting cannot be read; the configuration decides');
  return otherwise;
}
