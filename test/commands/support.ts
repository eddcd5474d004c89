import { Command } from 'commander';
import type { AdminClient, AdminQuestion } from '../../src/commands/admin-client.ts';
import type { CommandContext, ExitCode } from '../../src/commands/command.ts';
import { openTerminal } from '../../src/commands/terminal.ts';
import { CordonError } from '../../src/errors.ts';

export interface Ran {
  readonly exitCode: ExitCode;
  readonly text: string;
  /** the failure that the CLI would print */
  readonly failure: unknown;
  readonly asked: readonly AdminQuestion[];
}

export interface RunOptions {
  readonly answer?: (question: AdminQuestion) => unknown;
  readonly isTty?: boolean;
}

/** Runs one command as `cordon <args>` would, with an administration that answers what the test says. */
export async function runCommand(
  add: (program: Command, context: CommandContext) => void,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  let text = '';
  let exitCode: ExitCode = 2;
  let failure: unknown;
  const asked: AdminQuestion[] = [];
  const output = { isTTY: options.isTty ?? false, write: (part: string) => (text += part) };
  const admin: AdminClient = {
    name: 'a fake',
    ask: async (question) => {
      asked.push(question);
      return JSON.parse(JSON.stringify((await options.answer?.(question)) ?? {})) as unknown;
    },
    close: async () => {},
  };
  const context: CommandContext = {
    terminal: openTerminal(output, output, false),
    openAdmin: async () => admin,
    run: async (action) => {
      try {
        exitCode = await action();
      } catch (error) {
        failure = error;
        exitCode = error instanceof CordonError && error.code === 'NOT_FOUND' ? 1 : 2;
      }
    },
  };
  const program = new Command('cordon').exitOverride();
  add(program, context);
  await program.parseAsync([...args], { from: 'user' });
  return { exitCode, text, failure, asked };
}
