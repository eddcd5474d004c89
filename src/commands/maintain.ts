// `cordon verify`, `cordon gc` and `cordon feed import`: checks and housekeeping.
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AdminDeps } from '../admin/admin-deps.ts';
import type { Verification } from '../admin/verify.ts';
import type { VerifyProgress } from '../admin/verify-progress.ts';
import { CordonError } from '../errors.ts';
import type { AdminClient } from './admin-client.ts';
import { type AdminOptions, addAdminOptions, type CommandContext, withAdmin } from './command.ts';
import { showSize, type Terminal } from './terminal.ts';

const PROGRESS_PAUSE_MS = 300;

/** Shows on a terminal how far a check has come, until it is over. */
async function watched<T>(check: Promise<T>, admin: AdminClient, { isErrorTty, progress }: Terminal): Promise<T> {
  if (!isErrorTty) return check;
  const state = { isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  const over = check.then(end, end);
  progress('hashing stored files …');
  while (!state.isOver) {
    const look = (await admin.ask({ method: 'GET', path: ['verify'] })) as { readonly progress?: VerifyProgress };
    if (look.progress !== undefined) progress(describeProgress(look.progress));
    await Promise.race([over, sleep(PROGRESS_PAUSE_MS)]);
  }
  progress('');
  return check;
}

function describeProgress({ doneBytes, totalBytes }: VerifyProgress): string {
  const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
  const bar = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
  return `hashing stored files [${bar}] ${showSize(doneBytes)} of ${showSize(totalBytes)}`;
}

export function addVerifyCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('verify'))
    .description('hash every stored file again and walk the event chain; exits 1 when something is broken')
    .option('--repair', 'remove broken files, so that they are fetched again')
    .action((options: AdminOptions & { readonly repair?: boolean }) =>
      context.run(async () => {
        const { terminal } = context;
        const query = options.repair === true ? { repair: '1' } : {};
        const answer = await withAdmin(context, options, (admin) =>
          watched(admin.ask({ method: 'POST', path: ['verify'], query }), admin, terminal),
        );
        const found = answer as Verification;
        const isWhole = found.broken.length === 0 && found.brokenEvent === undefined;
        if (options.json === true) {
          terminal.printJson(found);
          return isWhole ? 0 : 1;
        }
        terminal.print(
          `${String(found.blobs)} stored ${found.blobs === 1 ? 'file' : 'files'} (${showSize(found.bytes)}), ${String(found.broken.length)} broken`,
        );
        for (const sha256 of found.broken) {
          terminal.print(`  ${sha256}${options.repair === true ? ' removed' : ': --repair removes it'}`);
        }
        terminal.print(
          found.brokenEvent === undefined
            ? 'the event chain is whole'
            : `the event chain is broken at event ${String(found.brokenEvent)}`,
        );
        return isWhole ? 0 : 1;
      }),
    );
}

export function addGcCommand(program: Command, context: CommandContext): void {
  addAdminOptions(program.command('gc'))
    .description('remove what is beyond the disk budget and the retention; the server does so by itself, too')
    .action((options: AdminOptions) =>
      context.run(async () => {
        const answer = await withAdmin(context, options, (admin) => admin.ask({ method: 'POST', path: ['gc'] }));
        const done = answer as Awaited<ReturnType<AdminDeps['collectGarbage']>>;
        if (options.json === true) {
          context.terminal.printJson(done);
          return 0;
        }
        const files = done.evictedFiles === 1 ? 'file' : 'files';
        context.terminal.print(`removed ${String(done.evictedFiles)} ${files}, ${showSize(done.freedBytes)}`);
        if (done.excessBytes > 0) {
          const excess = showSize(done.excessBytes);
          context.terminal.print(`still ${excess} over the budget: what was used in the last ten minutes stays`);
        }
        return 0;
      }),
    );
}

export function addFeedCommand(program: Command, context: CommandContext): void {
  const feed = program.command('feed').description('the feed of known malicious packages');
  addAdminOptions(
    feed.command('import').argument('<file>', 'zip archive of OSV records (all.zip of the PyPI ecosystem)'),
  )
    .description('read the records from a file; in force at the next request')
    .action((file: string, options: AdminOptions) =>
      context.run(async () => {
        const body = { file: resolve(file) };
        const answer = await withAdmin(
          context,
          options,
          (admin) => admin.ask({ method: 'POST', path: ['feeds', 'import'], body }),
          { mayMake: true },
        );
        const done = answer as { readonly records: number };
        if (options.json === true) context.terminal.printJson(done);
        else
          context.terminal.print(
            done.records === 1 ? '1 record is in force' : `${String(done.records)} records are in force`,
          );
        return 0;
      }),
    );
  addAdminOptions(feed.command('clear'))
    .description('take all its records out of force; with feeds.osv.enabled the next look brings them back')
    .option('--reason <text>', 'why, for the event log')
    .action((options: AdminOptions & { readonly reason?: string }) =>
      context.run(async () => {
        const reason = options.reason?.trim() ?? '';
        if (reason === '') throw new CordonError('BAD_REQUEST', 'say why: --reason "…"');
        const answer = await withAdmin(context, options, (admin) =>
          admin.ask({ method: 'POST', path: ['feeds', 'clear'], body: { reason } }),
        );
        if (options.json === true) context.terminal.printJson(answer);
        else context.terminal.print('no record is in force');
        return 0;
      }),
    );
  addAdminOptions(feed.command('sync'))
    .description('look for new records now')
    .action((options: AdminOptions) =>
      context.run(async () => {
        const answer = await withAdmin(
          context,
          options,
          (admin) => admin.ask({ method: 'POST', path: ['feeds', 'sync'] }),
          { mayMake: true },
        );
        if (options.json === true) context.terminal.printJson(answer);
        else context.terminal.print('the feeds are up to date');
        return 0;
      }),
    );
}
