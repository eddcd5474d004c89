// Owns the two settings that an administrator changes while the server runs: mode and freeze date. The configuration is the
// default; a runtime value wins until it is cleared. May import judge, ports and policy. Start at changeSetting.
import { z } from 'zod';
import { CordonError } from '../errors.ts';
import { FREEZE_SETTING, MODE_SETTING } from '../judge/policy-snapshot.ts';
import { asciiOneLine } from '../policy/hostile-text.ts';
import { parseMoment } from '../policy/parse-time.ts';
import type { EventDraft } from '../ports/decision-store.ts';
import type { AdminDeps } from './admin-deps.ts';

const MAX_REASON = 500;

/** A setting as it is in force, and why. */
export interface RuntimeSetting {
  readonly name: 'mode' | 'freeze';
  /** `enforce`, `monitor`; a UTC moment in ISO 8601, or `off` */
  readonly value: string;
  /** what the configuration says, in the same words */
  readonly configured: string;
  /** set at runtime: it wins over the configuration until it is cleared */
  readonly isOverride: boolean;
  /** who set it, when (UTC ms) and why; absent without an override, or when its event has been pruned */
  readonly actor?: string;
  readonly since?: number;
  readonly reason?: string;
}

interface Kind {
  readonly name: RuntimeSetting['name'];
  /** as the decision store knows it */
  readonly key: string;
  readonly event: string;
  /** the value as it is stored; undefined: it cannot be read */
  readonly parse: (text: string, now: number) => string | undefined;
  readonly expected: string;
  readonly configured: (facts: AdminDeps['facts']) => string;
}

function showFreeze(at: number | undefined): string {
  return at === undefined ? 'off' : new Date(at).toISOString();
}

function parseFreeze(text: string, now: number): string | undefined {
  if (text === 'off') return 'off';
  const at = text === 'now' ? now : parseMoment(text);
  return at === undefined ? undefined : showFreeze(at);
}

const KINDS: readonly Kind[] = [
  {
    name: 'mode',
    key: MODE_SETTING,
    event: 'mode-changed',
    parse: (text) => (text === 'enforce' || text === 'monitor' ? text : undefined),
    expected: 'enforce or monitor',
    configured: ({ configured }) => configured.mode,
  },
  {
    name: 'freeze',
    key: FREEZE_SETTING,
    event: 'freeze-changed',
    parse: parseFreeze,
    expected: 'now, off, a day (2026-11-01: 0:00 UTC) or a moment (2026-11-01T12:00Z)',
    configured: ({ configured }) => showFreeze(configured.freezeAt),
  },
];

function getKind(name: string): Kind {
  const kind = KINDS.find((each) => each.name === name);
  if (kind === undefined) {
    throw new CordonError('NOT_FOUND', `there is no setting ${asciiOneLine(name, 40)}; there are mode and freeze`);
  }
  return kind;
}

async function readOne(kind: Kind, deps: AdminDeps): Promise<RuntimeSetting> {
  const configured = kind.configured(deps.facts);
  const stored = await deps.store.policy.findSetting(kind.key);
  if (stored === undefined) return { name: kind.name, value: configured, configured, isOverride: false };
  const [latest] = await deps.store.events.list({ kind: kind.event, limit: 1, newestFirst: true });
  return {
    name: kind.name,
    value: stored,
    configured,
    isOverride: true,
    ...(latest === undefined ? {} : { actor: latest.actor, since: latest.at }),
    ...(latest?.reason === undefined ? {} : { reason: latest.reason }),
  };
}

/** Both settings as they are in force. */
export function listSettings(deps: AdminDeps): Promise<readonly RuntimeSetting[]> {
  return Promise.all(KINDS.map((kind) => readOne(kind, deps)));
}

/** One of them. Throws NOT_FOUND. */
export async function readSetting(name: string, deps: AdminDeps): Promise<RuntimeSetting> {
  return readOne(getKind(name), deps);
}

const changeSchema = z.strictObject({ value: z.string(), reason: z.string().trim().min(1, 'say why').max(MAX_REASON) });

/**
 * Sets one; in force at the next request.
 *
 * @param body `{ value, reason }`
 * @throws CordonError NOT_FOUND for another setting, BAD_REQUEST for a value that it cannot have, or without a reason
 */
export async function changeSetting(
  name: string,
  body: unknown,
  actor: string,
  deps: AdminDeps,
): Promise<RuntimeSetting> {
  const kind = getKind(name);
  const parsed = changeSchema.safeParse(body);
  if (!parsed.success) {
    throw new CordonError(
      'BAD_REQUEST',
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  }
  const { value: text, reason } = parsed.data;
  const value = kind.parse(text.trim(), deps.clock.now());
  if (value === undefined) {
    throw new CordonError('BAD_REQUEST', `"${asciiOneLine(text, 60)}" is no ${name}: write ${kind.expected}`);
  }
  await save(kind, value, { actor, reason }, deps);
  return readOne(kind, deps);
}

/** Clears one: the configuration decides again, at the next request. Throws NOT_FOUND. */
export async function clearSetting(
  name: string,
  reason: string | undefined,
  actor: string,
  deps: AdminDeps,
): Promise<RuntimeSetting> {
  const kind = getKind(name);
  const given = reason?.trim() ?? '';
  if ((await deps.store.policy.findSetting(kind.key)) !== undefined) {
    await save(kind, undefined, { actor, ...(given === '' ? {} : { reason: given.slice(0, MAX_REASON) }) }, deps);
  }
  return readOne(kind, deps);
}

async function save(
  kind: Kind,
  value: string | undefined,
  who: Pick<EventDraft, 'actor' | 'reason'>,
  deps: AdminDeps,
): Promise<void> {
  const before = await readOne(kind, deps);
  const after = value ?? before.configured;
  await deps.store.policy.setSetting(kind.key, value, {
    kind: kind.event,
    ...who,
    before: { value: before.value, isOverride: before.isOverride },
    after: { value: after, isOverride: value !== undefined },
  });
}
