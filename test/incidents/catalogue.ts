// Owns: the list of all replays. May import: every replay file. Start here: REPLAYS.
import { CTX } from './01-ctx.ts';
import { EXOTEL } from './02-exotel.ts';
import { TORCHTRITON } from './03-torchtriton.ts';
import { W4SP } from './04-w4sp.ts';
import { COLORAMA_CLONE } from './05-colorama-clone.ts';
import { REQUESTS_DARWIN_LITE } from './06-requests-darwin-lite.ts';
import { AIOCPA, AIOCPA_SHALLOW } from './07-aiocpa.ts';
import { ULTRALYTICS_MINER } from './08-ultralytics-miner.ts';
import { ULTRALYTICS_TOKEN } from './09-ultralytics-token.ts';
import { COLORINAL } from './10-colorinal.ts';
import { NUM2WORDS } from './11-num2words.ts';
import { SYMPY_DEV } from './12-sympy-dev.ts';
import { BITTENSOR_WALLET } from './13-bittensor-wallet.ts';
import { LITELLM_PROXY } from './14-litellm-proxy.ts';
import { LITELLM_PTH } from './15-litellm-pth.ts';
import { TELNYX } from './16-telnyx.ts';
import { XINFERENCE } from './17-xinference.ts';
import { ELEMENTARY_DATA } from './18-elementary-data.ts';
import { LIGHTNING, LIGHTNING_SMALL } from './19-lightning.ts';
import { GUARDRAILS } from './20-guardrails.ts';
import { MISTRALAI } from './21-mistralai.ts';
import { DURABLETASK } from './22-durabletask.ts';
import { TRAPDOOR } from './23-trapdoor.ts';
import { HADES, HADES_SMALL } from './24-hades.ts';
import { LITELLM_START_UP } from './25-litellm-start-up.ts';
import { START_UP_FILES } from './26-start-up-files.ts';
import { BUILD_TIME } from './27-build-time.ts';
import { PLUGINS } from './28-plugins.ts';
import { NATIVE } from './29-native.ts';
import { MEDIA } from './30-media.ts';
import { NETWORK_EXEC, SPELLINGS_OF_EXEC } from './31-network-exec.ts';
import { EXFILTRATION } from './32-exfiltration.ts';
import { ARCHIVES } from './33-archives.ts';
import { OBFUSCATION } from './34-obfuscation.ts';
import { BYTECODE } from './35-bytecode.ts';
import { ON_CALL } from './36-on-call.ts';
import { NATIVE_BUILDS } from './37-native-builds.ts';
import { FOOTHOLDS } from './38-footholds.ts';
import { CHANNELS_OUT } from './39-channels.ts';
import { SECOND_SPELLINGS } from './40-second-spellings.ts';
import { HARM } from './41-harm.ts';
import type { Replay } from './incident.ts';
import { NEUTRO } from './neutro.ts';

/** The story that started the project, then the public incidents in the order in which they happened. */
export const INCIDENTS: readonly Replay[] = [
  ...NEUTRO,
  CTX,
  EXOTEL,
  TORCHTRITON,
  ...W4SP,
  ...COLORAMA_CLONE,
  REQUESTS_DARWIN_LITE,
  AIOCPA,
  AIOCPA_SHALLOW,
  ULTRALYTICS_MINER,
  ULTRALYTICS_TOKEN,
  COLORINAL,
  NUM2WORDS,
  ...SYMPY_DEV,
  BITTENSOR_WALLET,
  LITELLM_PROXY,
  LITELLM_PTH,
  TELNYX,
  XINFERENCE,
  ELEMENTARY_DATA,
  LIGHTNING,
  LIGHTNING_SMALL,
  GUARDRAILS,
  MISTRALAI,
  DURABLETASK,
  ...TRAPDOOR,
  HADES,
  HADES_SMALL,
  LITELLM_START_UP,
];

/** Techniques that the incidents do not show and malware corpora lack. */
export const TECHNIQUES: readonly Replay[] = [
  ...START_UP_FILES,
  ...BUILD_TIME,
  ...PLUGINS,
  ...NATIVE,
  ...BYTECODE,
  ...MEDIA,
  ...NETWORK_EXEC,
  ...SPELLINGS_OF_EXEC,
  ...EXFILTRATION,
  ...ARCHIVES,
  ...OBFUSCATION,
  ...ON_CALL,
  ...NATIVE_BUILDS,
  ...FOOTHOLDS,
  ...CHANNELS_OUT,
  ...SECOND_SPELLINGS,
  ...HARM,
];

export const REPLAYS: readonly Replay[] = [...INCIDENTS, ...TECHNIQUES];
