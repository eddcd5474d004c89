// Owns: honest JavaScript inside Python projects. May import: incident.ts, javascript.ts, package-wheel.ts.
// Start here: jupyterExtension, nodeWrapper.
import type { LookAlike } from '../incident.ts';
import { minifiedBundle } from '../javascript.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** A front end extension: megabytes of bundles under .data/data/share. */
export function jupyterExtension(): LookAlike {
  const release = packageWheel('notebook-atlas', {
    '__init__.py': py`"""Maps in notebooks."""
__version__ = "3.1.0"


def _jupyter_labextension_paths():
    return [{"src": "labextension", "dest": "notebook-atlas"}]
`,
    'static/plot.min.js': minifiedBundle('plot', 1_200_000),
  });
  const share = '*.data/data/share/jupyter/labextensions/notebook-atlas';
  return {
    why: 'a labextension ships 4 MB of minified bundles that the browser loads',
    release: {
      ...release,
      files: {
        ...release.files,
        [`${share}/static/remoteEntry.4f1c.js`]: minifiedBundle('remote', 300_000),
        [`${share}/static/vendors-node_modules.js`]: minifiedBundle('vendors', 2_500_000),
        [`${share}/package.json`]:
          '{"name": "notebook-atlas", "version": "3.1.0", "jupyterlab": {"extension": true}}\n',
        [`${share}/install.json`]: '{"packageManager": "python", "packageName": "notebook-atlas"}\n',
      },
    },
  };
}

/** Runs a bundled converter with node when a document is converted. */
export function nodeWrapper(): LookAlike {
  return {
    why: 'a converter bundled as JavaScript is run with node, on a document of the caller, when convert() is called',
    release: packageWheel('mathpress', {
      '__init__.py': py`"""Typeset formulas with a bundled converter."""
import json
import os
import shutil
import subprocess

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "converter.js")


def convert(formula, display=True):
    """HTML of a formula; needs node on the PATH."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("node is needed to typeset formulas")
    request = json.dumps({"formula": formula, "display": display})
    result = subprocess.run([node, SCRIPT], input=request, capture_output=True, text=True, timeout=30)
    if result.returncode:
        raise ValueError(result.stderr.strip())
    return json.loads(result.stdout)["html"]
`,
      'converter.js': `${minifiedBundle('katexlike', 200_000)}\nprocess.stdin.on("data",e=>{const t=JSON.parse(e);process.stdout.write(JSON.stringify({html:"<span>"+t.formula+"</span>"}))});\n`,
    }),
  };
}
