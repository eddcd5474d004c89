// `cordon mode` and `cordon freeze`: the two settings that an administrator changes while the server runs.
import type { Command } from 'commander';
import type { RuntimeSetting } from '../admin/settings.ts';
import { CordonError } from '../errors.ts';
import type { AdminClient } from './admin-client.ts';
import { type AdminOptions, addAdminOptions, type CommandContext, withAdmin } from './command.ts';
import { show, showTime } from './terminal.ts';

interface SettingOptions extends AdminOptions {
  readonly reason?: string;
}

/** `monitor, set by ada 2026-11-23 08:00 UTC: first week (the configuration says enforce)` */
export function describeSetting(setting: RuntimeSetting): string {
  const { value, configured, isOverride, actor, since, reason } = setting;
  if (!isOverride) return show(value);
  const who = actor === undefined ? '' : ` by ${show(actor.replace(/^(?:cli|token):/, ''))}`;
  const when = since === undefined ? '' : ` ${showTime(since)} UTC`;
  const why = reason === undefined ? '' : `: ${show(reason)}`;
  return `${show(value)}, set${who}${when}${why} (the configuration says ${show(configured)})`;
}

async function askForSetting(
  name: RuntimeSetting['name'],
  value: string | undefined,
  options: SettingOptions,
  context: CommandContext,
): Promise<0> {
  const path = ['settings', name];
  const { reason } = options;
  const change = value !== undefined && value !== 'clear';
  if (change && (reason ?? '').trim() === '') throw new CordonError('BAD_REQUEST', 'say why: --reason "…"');
  const ask = (admin: AdminClient): Promise<unknown> => {
    if (value === undefined) return admin.ask({ method: 'GET', path });
    if (change) return admin.ask({ method: 'PUT', path, body: { value, reason } });
    return admin.ask({ method: 'DELETE', path, query: reason === undefined ? {} : { reason } });
  };
  const setting = (await withAdmin(context, options, ask, { mayMake: change })) as RuntimeSetting;
  const { terminal } = context;
  if (options.json === true) {
    terminal.printJson(setting);
    return 0;
  }
  terminal.print(`${name}: ${describeSetting(setting)}${value === undefined ? '' : '; in force at the next request'}`);
  return 0;
}

export function addModeCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('mode').argument('[value]', 'enforce, monitor, or clear: as the configuration says'))
    .description('show or set whether scan verdicts decide (enforce) or are only recorded (monitor)')
    .option('--reason <text>', 'why, for the event log')
    .action((value: string | undefined, options: SettingOptions) =>
      context.run(() => askForSetting('mode', value, options, context)),
    );
}

export function addFreezeCommand(program: Command, context: CommandContext): void {
  addAdminOptions(
    program
      .command('freeze')
      .argument('[when]', 'now, a day, a moment like 2026-11-01T12:00Z, off, or clear: as the configuration says'),
  )
    .description('show or set the freeze date: files uploaded after it are held')
    .option('--reason <text>', 'why, for the event log')
    .action((value: string | undefined, options: SettingOptions) =>
      context.run(() => askForSetting('freeze', value, options, context)),
    );
}
