// Owns what all commands share: their options, how they reach settings and administration, and their exit codes.
// A command file adds itself to the program and nothing else. Start at CommandContext.
import type { Command } from 'commander';
import { type Config, type ConfigInput, loadConfig, processInput } from '../config.ts';
import { CordonError } from '../errors.ts';
import { parseDuration, parseMoment } from '../policy/parse-time.ts';
import type { AdminClient } from './admin-client.ts';
import { show, type Terminal } from './terminal.ts';

/** 0: done, or yes · 1: a negative answer (not allowed, not found, something is broken) · 2: an error or a wrong call */
export type ExitCode = 0 | 1 | 2;

/** Options of every command that needs the settings. */
export interface CommonOptions {
  readonly config?: string;
  readonly dataFolder?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

export interface AdminOptions extends CommonOptions {
  readonly url?: string;
}

/** What a command asks of a data folder that no server runs on. */
export interface FolderNeeds {
  /** a folder that is not there is made: for what is to be in force at the first start. Who only looks makes nothing. */
  readonly mayMake: boolean;
}

export interface CommandContext {
  readonly terminal: Terminal;
  /**
   * Reaches the administration: --url or CORDON_URL, else the running server of the data folder, else the store itself.
   * Throws STORE_DOWN when there is no data folder and the command may not make one.
   */
  openAdmin(options: AdminOptions, needs: FolderNeeds): Promise<AdminClient>;
  /** Runs a command's action; its exit code becomes the process's. */
  run(action: () => Promise<ExitCode>): Promise<void>;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** @param shape hasJson false: the command has a `--json` of its own */
export function addCommonOptions(command: Command, shape: { readonly hasJson: boolean } = { hasJson: true }): Command {
  command
    .option('-c, --config <file>', 'settings file (default: CORDON_CONFIG, then ./cordon.yaml)')
    .option('--data-folder <folder>', 'where Cordon keeps everything (dataFolder)')
    .option('--set <key=value>', 'one setting, e.g. --set scan.deadlineSeconds=120; may be repeated', collect);
  return shape.hasJson ? command.option('--json', 'answer with JSON') : command;
}

export function addAdminOptions(command: Command): Command {
  return addCommonOptions(command).option(
    '--url <url>',
    'a server elsewhere (default: CORDON_URL, then the server of the data folder); its token is read from CORDON_TOKEN',
  );
}

function readSets(sets: readonly string[]): readonly (readonly [string, string])[] {
  return sets.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new CordonError('CONFIG_INVALID', `--set ${text}: expected key=value`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
}

/**
 * Settings of a command. Only a server needs the passwords of its upstreams: they belong to its environment, and whoever
 * administers it from another shell does not have them. Without a server an upstream is asked only for what nobody asked
 * before; that fails, and names the variable.
 *
 * @param flags short forms of single settings, which win over --set
 */
export function readConfig(
  options: CommonOptions,
  flags: readonly (readonly [string, string | undefined])[] = [],
  needs: { readonly secrets: boolean } = { secrets: false },
): Config {
  return loadConfig(configInput(options, flags, needs));
}

/**
 * Stops where an option of the command line would go without effect, because a server answers and has settings of its own.
 *
 * @param server `by-url`: nothing of this machine leads to it; `of-folder`: its data folder does
 * @throws CordonError BAD_REQUEST naming them
 */
export function refuseIdleOptions(options: AdminOptions, server: 'by-url' | 'of-folder'): void {
  const sets = readSets(options.set ?? []).map(([key]) => key);
  const idle = [
    ...(server === 'by-url' && options.config !== undefined ? ['--config'] : []),
    ...(server === 'by-url' && options.dataFolder !== undefined ? ['--data-folder'] : []),
    ...sets.filter((key) => server === 'by-url' || key !== 'dataFolder').map((key) => `--set ${key}`),
  ];
  if (idle.length === 0) return;
  const verb = idle.length === 1 ? 'has' : 'have';
  const why =
    server === 'by-url'
      ? `${options.url === undefined ? 'CORDON_URL' : '--url'} names the server, which has settings of its own`
      : 'the running server answers, with settings of its own';
  throw new CordonError('BAD_REQUEST', `${show(idle.join(', '))} ${verb} no effect: ${why}`);
}

/** Where a command's settings come from; see readConfig. */
export function configInput(
  options: CommonOptions,
  flags: readonly (readonly [string, string | undefined])[],
  needs: { readonly secrets: boolean },
): ConfigInput {
  const named = [...flags, ['dataFolder', options.dataFolder] as const];
  const given = named.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return {
    ...processInput(),
    ...(options.config === undefined ? {} : { configFile: options.config }),
    flags: [...readSets(options.set ?? []), ...given],
    needsSecrets: needs.secrets,
  };
}

/** Opens the administration for one action and closes it, whatever happens. */
export async function withAdmin<T>(
  context: CommandContext,
  options: AdminOptions,
  action: (admin: AdminClient) => Promise<T>,
  needs: FolderNeeds = { mayMake: false },
): Promise<T> {
  const admin = await context.openAdmin(options, needs);
  try {
    return await action(admin);
  } finally {
    await admin.close();
  }
}

/**
 * Reads `14d`, `12h`, `30m`, `2w`, a date (0:00 UTC) or a UTC moment.
 *
 * @returns UTC ms
 * @throws CordonError BAD_REQUEST
 */
export function parseExpiry(text: string, now: number): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return now + durationMs;
  const moment = parseMoment(text);
  if (moment !== undefined) return moment;
  throw new CordonError('BAD_REQUEST', `"${text}" is no expiry: write 14d, 12h, 2026-12-31 or 2026-12-31T12:00Z`);
}
