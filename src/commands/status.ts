// `cordon status`: one look at the server: policy, rules, feeds, work under way, space, and what was slow lately.
import type { Command } from 'commander';
import type { ServerStatus } from '../admin/status.ts';
import { type AdminOptions, addAdminOptions, type CommandContext, withAdmin } from './command.ts';
import { describeBrokenFile } from './list.ts';
import { describeSetting } from './settings.ts';
import { cell, layTable, show, showDuration, showSize, showTime, type Terminal } from './terminal.ts';
import { describeCost } from './who.ts';

/** less than this free is said in red */
const LOW_BYTES = 512 * 1024 * 1024;

function linesOf(status: ServerStatus): readonly (readonly string[])[] {
  const { policy, scans, intake } = status;
  const budget = status.diskBudgetBytes === 0 ? 'no limit' : `of ${showSize(status.diskBudgetBytes)}`;
  const expired = policy.expiredEntries === 0 ? '' : `, ${String(policy.expiredEntries)} of them over`;
  return [
    ['version', status.version],
    ['up', showDuration(status.uptimeMs)],
    ['data folder', status.dataFolder],
    ['settings', status.configFile ?? 'the defaults'],
    ['policy file', status.policyFile],
    ['upstreams', status.upstreams.map((upstream) => `${upstream.id} ${upstream.url}`).join(', ')],
    ...status.settings.map((setting) => [setting.name, describeSetting(setting)]),
    ['entries', `${String(policy.entries)}${expired} (policy revision ${String(policy.revision)})`],
    ['ruleset', status.ruleset.slice(0, 16)],
    ['scans', `${String(scans.running)} running, ${String(scans.queued)} waiting`],
    [
      'fetches',
      `${String(intake.jobs)} under way (${String(intake.speculative)} ahead of a request), ${showSize(intake.bytesInFlight)} in flight`,
    ],
    ['stored files', `${showSize(status.usedBytes)} ${budget}; ${showSize(status.freeBytes)} free on that disk`],
    ...status.feeds.map((feed) => {
      const synced = feed.syncedAt === undefined ? 'never read' : `read ${showTime(feed.syncedAt)} UTC`;
      const off = feed.isEnabled ? '' : '; not fetched (feeds.osv.enabled)';
      const problem = feed.problem === undefined ? '' : `; last look failed: ${show(feed.problem)}`;
      return [`feed ${feed.feed}`, `${String(feed.records)} records, ${synced}${off}${problem}`];
    }),
  ];
}

/** @param answeredBy who was asked, for people: without a server a command reads the store itself, and all looks alike */
function printStatus(status: ServerStatus, answeredBy: string, terminal: Terminal): void {
  const lines = [['answered by', answeredBy], ...linesOf(status)];
  for (const line of layTable(lines.map(([name, ...rest]) => [name ?? '', ...rest]))) terminal.print(line);
  if (status.policy.problem !== undefined) {
    terminal.print(terminal.colors.red(describeBrokenFile(status.policy.problem)));
  }
  if (status.freeBytes < LOW_BYTES) {
    terminal.print(
      terminal.colors.red('The disk of the data folder is nearly full: new files are refused when it is.'),
    );
  }
  if (status.slow.length === 0) return;
  terminal.print('');
  terminal.print('What clients waited for in the last hour, longest first:');
  const rows = status.slow
    .slice(0, 10)
    .map((record) => [`  ${showTime(record.at)}`, cell(record.filename, 70), record.outcome, describeCost(record)]);
  for (const line of layTable(rows)) terminal.print(line);
}

export function addStatusCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('status'))
    .description('show how the server is and what slow installs waited for; exits 1 when the policy file is broken')
    .action((options: AdminOptions) =>
      context.run(async () => {
        const { answer, name } = await withAdmin(context, options, async (admin) => ({
          answer: await admin.ask({ method: 'GET', path: ['status'] }),
          name: admin.name,
        }));
        const status = answer as ServerStatus;
        if (options.json === true) context.terminal.printJson({ ...status, answeredBy: name });
        else printStatus(status, name, context.terminal);
        return status.policy.problem === undefined ? 0 : 1;
      }),
    );
}
