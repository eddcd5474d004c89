// `cordon who`: which clients got, or were refused, a project or a file, and what each had to wait for.
import type { Command } from 'commander';
import type { AccessRecord } from '../ports/decision-store.ts';
import { type AdminOptions, addAdminOptions, type CommandContext, withAdmin } from './command.ts';
import { cell, layTable, showDuration, showSize, showTime } from './terminal.ts';

/** `hold 12.3 s (fetch 8.0 s, queue 1 ms, scan 4.0 s)`; empty when nothing was waited for */
export function describeCost(record: AccessRecord): string {
  const parts = [
    ['fetch', record.fetchMs],
    ['queue', record.queueMs],
    ['scan', record.scanMs],
  ] as const;
  const spent = parts.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${showDuration(ms)}`]));
  const hold = record.holdMs === undefined ? '' : `hold ${showDuration(record.holdMs)}`;
  return `${hold}${spent.length === 0 ? '' : ` (${spent.join(', ')})`}`.trim();
}

/** `served`, `broken off (at most 3.1 MiB sent)` */
export function describeOutcome({ outcome, sentBytes }: Pick<AccessRecord, 'outcome' | 'sentBytes'>): string {
  if (outcome !== 'broken-off') return outcome;
  return sentBytes === undefined ? 'broken off' : `broken off (at most ${showSize(sentBytes)} sent)`;
}

export function addWhoCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('who').argument('<subject>', 'PROJECT, a filename or a sha256'))
    .description('list the clients that asked for it, newest first; exits 1 when nobody did')
    .option('--limit <count>', 'at most this many', '200')
    .action((subject: string, options: AdminOptions & { readonly limit: string }) =>
      context.run(async () => {
        const { terminal } = context;
        const answer = await withAdmin(context, options, (admin) =>
          admin.ask({ method: 'GET', path: ['clients'], query: { subject, limit: options.limit } }),
        );
        const records = answer as readonly AccessRecord[];
        if (options.json === true) {
          terminal.printJson(records);
        } else if (records.length === 0) {
          terminal.print('Nobody asked for it.');
        } else {
          const head = ['time (UTC)', 'outcome', 'client', 'user agent', 'file', 'verdict', 'waited'];
          const rows = records.map((record) => [
            showTime(record.at),
            describeOutcome(record),
            cell(record.client, 40),
            cell(record.userAgent.split(' ')[0] ?? '', 20),
            cell(record.filename, 80),
            `${record.verdict} (${record.reason})`,
            describeCost(record),
          ]);
          for (const line of layTable([head, ...rows])) terminal.print(line);
        }
        return records.length === 0 ? 1 : 0;
      }),
    );
}
