// `cordon list` and `cordon remove`: the entries of both homes; runtime ones can be removed.
import type { Command } from 'commander';
import type { ListedEntry } from '../admin/entries.ts';
import type { ServerStatus } from '../admin/status.ts';
import type { EntryScope, PolicyEntry } from '../policy/entry.ts';
import { type AdminOptions, addAdminOptions, type CommandContext, withAdmin } from './command.ts';
import { cell, layTable, show, showTime } from './terminal.ts';

/** `six==1.16.0 six-1.16.0.tar.gz sha256 1e61… from pypi` */
export function describeScope(scope: EntryScope): string {
  const parts = [
    scope.project === undefined ? undefined : `${scope.project}${scope.version ?? ''}`,
    scope.filename,
    scope.sha256 === undefined ? undefined : `sha256 ${scope.sha256}`,
    scope.upstream === undefined ? undefined : `from ${scope.upstream}`,
  ];
  return show(parts.filter((part) => part !== undefined).join(' '));
}

/** Why entries of the policy file may be missing. */
export function describeBrokenFile(problem: string): string {
  return `The policy file on disk is not in force: ${show(problem)}`;
}

function rowOf(entry: ListedEntry): readonly string[] {
  const end = entry.expiresAt === undefined ? '-' : `${showTime(entry.expiresAt)}${entry.isExpired ? ' (over)' : ''}`;
  const effect = entry.final ? `${entry.effect} final` : entry.effect;
  return [entry.id, effect, describeScope(entry.scope), end, cell(entry.author, 24), cell(entry.reason, 80)];
}

export function addListCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('list').argument('[project]', 'only entries that may concern it'))
    .description('list allow and deny entries, of the policy file and of the runtime')
    .action((project: string | undefined, options: AdminOptions) =>
      context.run(async () => {
        const query = project === undefined ? {} : { project };
        const { terminal } = context;
        const { entries, status } = await withAdmin(context, options, async (admin) => ({
          entries: (await admin.ask({ method: 'GET', path: ['entries'], query })) as readonly ListedEntry[],
          status: options.json === true ? {} : await admin.ask({ method: 'GET', path: ['status'] }),
        }));
        if (options.json === true) {
          terminal.printJson(entries);
          return 0;
        }
        const head = ['id', 'effect', 'for', 'until (UTC)', 'author', 'reason'];
        if (entries.length === 0) terminal.print('There are no entries.');
        else for (const line of layTable([head, ...entries.map(rowOf)])) terminal.print(line);
        // whoever looks for an entry that was just written to the file misses it here
        const { problem } = (status as Partial<ServerStatus>).policy ?? {};
        if (problem !== undefined) terminal.print(terminal.colors.red(describeBrokenFile(problem)));
        return 0;
      }),
    );
}

export function addRemoveCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('remove').argument('<id>', 'as `cordon list` shows it'))
    .description('remove a runtime entry')
    .option('--reason <text>', 'why, for the event log')
    .action((id: string, options: AdminOptions & { readonly reason?: string }) =>
      context.run(async () => {
        const query = options.reason === undefined ? {} : { reason: options.reason };
        const answer = await withAdmin(context, options, (admin) =>
          admin.ask({ method: 'DELETE', path: ['entries', id], query }),
        );
        const entry = answer as PolicyEntry;
        if (options.json === true) context.terminal.printJson(entry);
        else context.terminal.print(`removed ${entry.effect} ${describeScope(entry.scope)}`);
        return 0;
      }),
    );
}
