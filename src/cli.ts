#!/usr/bin/env node
// Owns the `cordon` command: puts the commands together and turns failures into exit codes. May import commands, and main for its rooms.
// Start at the list of commands. Exit codes: 0 done or yes, 1 a negative answer, 2 an error or a wrong call.
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { type AdminClient, adminBySocket, adminByUrl, adminInProcess, openLocal } from './commands/admin-client.ts';
import { addAllowCommand, addDenyCommand } from './commands/allow.ts';
import {
  type AdminOptions,
  type CommandContext,
  type FolderNeeds,
  readConfig,
  refuseIdleOptions,
} from './commands/command.ts';
import { addConfigCommand } from './commands/config.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addListCommand, addRemoveCommand } from './commands/list.ts';
import { addLockCommand } from './commands/lock.ts';
import { addFeedCommand, addGcCommand, addVerifyCommand } from './commands/maintain.ts';
import { addScanCommand } from './commands/scan.ts';
import { addServeCommand } from './commands/serve.ts';
import { addFreezeCommand, addModeCommand } from './commands/settings.ts';
import { addStatusCommand } from './commands/status.ts';
import { openTerminal, show } from './commands/terminal.ts';
import { addWhoCommand } from './commands/who.ts';
import { isNoColor, readCliEnvironment } from './config.ts';
import { CordonError } from './errors.ts';
import { controlSocketPath, isControlAlive } from './http/control-server.ts';
import { stripControls } from './policy/hostile-text.ts';
import { readVersion } from './version.ts';

/** Between two looks at a data folder that somebody holds. */
const PAUSE_MS = 200;

const terminal = openTerminal(process.stdout, process.stderr, isNoColor());

/** What a person reads when a command fails. Only a bug shows where in the code it happened. */
function describeFailure(error: unknown): string {
  if (!(error instanceof CordonError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 4; cause = cause.cause)
    causes.push(cause.message);
  // what was typed, or came from a server, may be in it
  const message = stripControls(error.message, true);
  return [message, ...causes.map((cause) => `  because: ${show(cause)}`)].join('\n');
}

/** --url or CORDON_URL, else the running server of the data folder, else the store itself. */
async function openAdmin(options: AdminOptions, needs: FolderNeeds): Promise<AdminClient> {
  const environment = readCliEnvironment();
  const url = options.url ?? environment.url;
  if (url !== undefined && url !== '') {
    refuseIdleOptions(options, 'by-url');
    return adminByUrl(url, environment.token);
  }
  const socketPath = controlSocketPath(readConfig(options).dataFolder);
  return openLocal({
    findServer: async () => {
      if (!(await isControlAlive(socketPath))) return undefined;
      refuseIdleOptions(options, 'of-folder');
      return adminBySocket(socketPath);
    },
    openFolder: async () => {
      const { openRooms } = await import('./main.ts');
      return adminInProcess(await openRooms(readConfig(options), needs));
    },
    pause: () => sleep(PAUSE_MS),
  });
}

/** Says what failed, and gives the exit code: 1 for what does not exist, 2 for everything else. */
function reportFailure(error: unknown, isJson: boolean): 1 | 2 {
  const isOurs = error instanceof CordonError;
  const text = describeFailure(error);
  if (isJson) terminal.printJsonError({ error: { code: isOurs ? error.code : 'INTERNAL', message: text } });
  else terminal.printError(`cordon: ${text}`);
  return isOurs && error.code === 'NOT_FOUND' ? 1 : 2;
}

// Whoever reads our output may have seen enough (`| head -1`): nothing can be said any more, and nothing went wrong here.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(2);
  });
}

let isJson = false;
const context: CommandContext = {
  terminal,
  openAdmin,
  run: async (action) => {
    try {
      process.exitCode = await action();
    } catch (error) {
      process.exitCode = reportFailure(error, isJson);
    }
  },
};

const program = new Command('cordon')
  .description('A firewall for PyPI: scans every distribution file before it is served.')
  .version(readVersion())
  .configureHelp({ sortSubcommands: false })
  .addHelpText(
    'after',
    '\nExit codes: 0 done or yes, 1 a negative answer, 2 an error or a wrong call.\nWith --json answers are JSON on standard output, failures JSON on standard error.',
  )
  .configureOutput({
    writeErr: (text) => {
      if (!process.argv.includes('--json')) process.stderr.write(stripControls(text, true));
      else terminal.printJsonError({ error: { code: 'BAD_REQUEST', message: text.trim().replace(/^error: /, '') } });
    },
  })
  .exitOverride()
  .hook('preAction', (_program, command) => {
    isJson = command.opts()['json'] === true;
  });

for (const add of [
  addServeCommand,
  addScanCommand,
  addAllowCommand,
  addDenyCommand,
  addRemoveCommand,
  addListCommand,
  addExplainCommand,
  addWhoCommand,
  addStatusCommand,
  addModeCommand,
  addFreezeCommand,
  addVerifyCommand,
  addGcCommand,
  addLockCommand,
  addConfigCommand,
  addFeedCommand,
  addEvaluateCommand,
]) {
  add(program, context);
}

try {
  await program.parseAsync();
} catch (error) {
  // commander has printed what was wrong with the call, or the help that was asked for.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
