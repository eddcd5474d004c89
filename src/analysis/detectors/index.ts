// Owns the list of detectors. Start here; each file is one technique.
import { agentInstructions } from './agent-instructions.ts';
import { buildScript } from './build-script.ts';
import { bundledProgram } from './bundled-program.ts';
import { bundledScript } from './bundled-script.ts';
import { carriedCode } from './carried-code.ts';
import { changedEnvironment } from './changed-environment.ts';
import { destruction } from './destruction.ts';
import type { Detector } from './detector.ts';
import { dropper } from './dropper.ts';
import { erasedProgram } from './erased-program.ts';
import { exfiltration } from './exfiltration.ts';
import { foreignInstall } from './foreign-install.ts';
import { harmfulPickle } from './harmful-pickle.ts';
import { hiddenAddress } from './hidden-address.ts';
import { hiddenBytecode } from './hidden-bytecode.ts';
import { hiddenCode } from './hidden-code.ts';
import { hiddenCommand } from './hidden-command.ts';
import { hiddenRecipient } from './hidden-recipient.ts';
import { hiddenText } from './hidden-text.ts';
import { nativePayload } from './native-payload.ts';
import { packedSource } from './packed-source.ts';
import { patchedFunction } from './patched-function.ts';
import { persistence } from './persistence.ts';
import { poisonedWorkflow } from './poisoned-workflow.ts';
import { remoteCode } from './remote-code.ts';
import { reverseShell } from './reverse-shell.ts';
import { secretParameter } from './secret-parameter.ts';
import { shellPayload } from './shell-payload.ts';
import { shellcode } from './shellcode.ts';
import { spyware } from './spyware.ts';
import { startUpCode } from './start-up-code.ts';
import { thinMetadata } from './thin-metadata.ts';
import { throwawayHost } from './throwaway-host.ts';
import { unaskedAct } from './unasked-act.ts';
import { unaskedNetwork } from './unasked-network.ts';
import { unaskedProcess } from './unasked-process.ts';
import { unreadCode } from './unread-code.ts';

/** Every detector, in the order of their names. */
export const DETECTORS: readonly Detector[] = [
  agentInstructions,
  buildScript,
  bundledProgram,
  bundledScript,
  carriedCode,
  changedEnvironment,
  destruction,
  dropper,
  erasedProgram,
  exfiltration,
  foreignInstall,
  harmfulPickle,
  hiddenAddress,
  hiddenBytecode,
  hiddenCode,
  hiddenCommand,
  hiddenRecipient,
  hiddenText,
  nativePayload,
  packedSource,
  patchedFunction,
  persistence,
  poisonedWorkflow,
  remoteCode,
  reverseShell,
  secretParameter,
  shellPayload,
  shellcode,
  spyware,
  startUpCode,
  thinMetadata,
  throwawayHost,
  unaskedAct,
  unaskedNetwork,
  unaskedProcess,
  unreadCode,
];
