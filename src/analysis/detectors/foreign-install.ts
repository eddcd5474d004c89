// Owns installs of further projects that the archive's metadata does not declare. Start at foreignInstall.
import type { Evidence } from '../evidence/evidence.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'foreign-install';

function commandText(archive: Evidence, event: CallEvent): string | undefined {
  if (event.sink === 'install-package') return `pip ${event.args.map((a) => textOf(a)).join(' ')}`;
  return archive.commands.get(event)?.text;
}

/** `pip install` from setup.py or at import: what it brings was not announced, and nobody scanned it together with this file. */
export const foreignInstall: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      if (event.sink !== 'process' && event.sink !== 'install-package') continue;
      if (!isUnasked(event.context)) continue;
      const text = commandText(archive, event);
      const match = /\b(?:pip[\d.]*|easy_install|uv|conda|pipx)\b[^\n]*?\binstall\b\s*([^\n]*)/.exec(text ?? '');
      if (match === null) continue;
      const rest = match[1] ?? '';
      const isRequirementFile = /(?:^|\s)(?:-r|--requirement|-e|\.)(?:\s|$)/.test(rest) && !/https?:/.test(rest);
      const isRemote = /git\+|https?:\/\/(?!github\.com\/pypa)/.test(rest);
      const isGuarded = event.guards.some((g) => g.kind === 'except' && /ImportError|ModuleNotFound/.test(g.text));
      const isTool =
        /^(?:--?target\s+\S+\s+|-t\s+\S+\s+|-\S+\s+)*(?:numpy|cython|wheel|setuptools|pip|pybind11|ninja|cmake|scikit-build|torch|packaging|build)\b[\w\s=<>!~.,"'-]*$/i.test(
          rest,
        );
      const score = isRemote ? 8 : isRequirementFile || isTool ? 2 : isGuarded ? 3 : event.context === 'import' ? 4 : 5;
      findings.push(
        findingOf(ID, event, {
          score,
          class: 'suspicious',
          message: `Installs ${rest.slice(0, 80)} at ${event.context}.`,
        }),
      );
    }
    return findings;
  },
};
