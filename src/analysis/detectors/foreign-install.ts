// Owns installs of further projects that the archive's metadata does not declare. Start at foreignInstall.
import type { Evidence } from '../evidence/evidence.ts';
import { hostKind, hostsIn, isSupplier, isThrowaway } from '../evidence/hosts.ts';
import { elementsOf } from '../python/flow/elements.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, findingOf, memberPath, momentOf } from './detector.ts';

const ID = 'foreign-install';

function commandText(archive: Evidence, event: CallEvent): string | undefined {
  if (event.sink === 'install-package') return `pip ${event.args.map((a) => textOf(a)).join(' ')}`;
  return archive.commands.get(event)?.text;
}

/** An index or an archive at a bare address, a tunnel, a paste: nobody answers for it. */
function isUnvouched(rest: string): boolean {
  return hostsIn(rest, 10).some((h) => isThrowaway(hostKind(h)));
}

/** What a build needs by address instead of by name: no index stands behind it. */
function buildRequirements(archive: Evidence): Finding[] {
  if (archive.layout.kind !== 'sdist') return [];
  const placed = archive.layout.byPath.get('pyproject.toml');
  const text = placed === undefined ? undefined : archive.sources.textOf(placed);
  const table = text === undefined ? null : /^\s*\[build-system\]([\s\S]{0,4000}?)(?:^\s*\[|$(?![\s\S]))/m.exec(text);
  const requirement = /["']([\w.[\]-]+\s*@\s*(?:git\+)?(?:https?|ftp|file):[^"']{1,300})["']/.exec(
    table?.[1] ?? '',
  )?.[1];
  if (placed === undefined || text === undefined || requirement === undefined) return [];
  const isAstray = isUnvouched(requirement);
  const line = text.slice(0, text.indexOf(requirement)).split('\n').length;
  return [
    findingAt(
      ID,
      { path: placed.path, line, snippet: requirement.slice(0, 300) },
      {
        score: isAstray ? 10 : hostsIn(requirement, 5).every((h) => hostKind(h) === 'code-host') ? 4 : 8,
        class: isAstray ? 'malware' : 'suspicious',
        context: 'install',
        message: 'The build needs a project by its address, which no index vouches for.',
        hosts: hostsIn(requirement, 5),
      },
    ),
  ];
}

/** Places that installers have not looked at since pip 19; a build that is run by hand does. */
const LINKS = 'dependency_links';

/** What `setup()` says is needed, or where else to look for it. */
const NEEDS = ['install_requires', 'setup_requires', LINKS];

/** `name @ https://…`, or the address of an archive by itself. */
const ADDRESSED = /@\s*(?:git\+)?https?:|^\s*https?:\S+\.(?:tar\.gz|zip|whl|tgz)(?:#\S*)?\s*$/i;

/** What comes along by address, from a host that is no index and keeps no repositories. */
function addressedRequirements({ reading }: Evidence): Finding[] {
  const findings: Finding[] = [];
  for (const { keywords, site, context } of reading.setups) {
    if (context !== 'install') continue;
    for (const key of NEEDS) {
      const value = keywords.get(key);
      const elements = value === undefined ? [] : (elementsOf(value) ?? [value]);
      const needed = elements
        .flatMap((element) => textOf(element).split('\n'))
        .find((text) => ADDRESSED.test(text) && hostsIn(text, 5).some((host) => !isSupplier(hostKind(host))));
      if (needed === undefined) continue;
      const hosts = hostsIn(needed, 5);
      const isAstray = isUnvouched(needed);
      findings.push(
        findingAt(
          ID,
          { path: memberPath(site.unit.path), line: site.node.line, snippet: needed.slice(0, 300) },
          {
            score: isAstray ? 10 : key === LINKS ? 3 : 7,
            class: isAstray ? 'malware' : 'suspicious',
            context: 'install',
            message: `Needs a project by its address at ${hosts[0] ?? 'a host'}, which no index vouches for.`,
            hosts,
          },
        ),
      );
    }
  }
  return findings;
}

/** Whether the line says what is installed; a build front end is told so by whoever calls it. */
function isNamed(rest: string): boolean {
  return rest.split(/\s+/).some((word) => /^["']?[A-Za-z0-9]/.test(word));
}

/** Options of installers that are followed by a value. */
const VALUED =
  /^(?:-[rcift]|--(?:requirement|constraint|index-url|extra-index-url|find-links|target|prefix|root|python|channel|name|trusted-host|src|log|cert|proxy|timeout|retries|no-binary|only-binary|platform|config-settings))$/;

/** What a command line installs: the names of all its installs, without their options. */
function installed(text: string): readonly string[] {
  const names: string[] = [];
  for (const part of text.slice(0, 4000).split(/&&|\|\||[;|\n]/)) {
    const words = (INSTALL.exec(part)?.[1] ?? '').split(/\s+/).map((w) => w.replaceAll(/^["']|["']$/g, ''));
    for (const [i, word] of words.entries()) {
      const before = words[i - 1] ?? '';
      if (/^(?:-r|--requirement)$/.test(before)) names.push(`what ${word} lists`);
      else if (/^\.{1,2}(?:[/[]|$)/.test(word)) names.push('a project of its own folder');
      else if (word !== '' && !word.startsWith('-') && !VALUED.test(before)) names.push(word);
    }
  }
  return names;
}

/** What each place installs, by its command: a loop comes by the same one with each of its names. */
function installedAt(archive: Evidence): ReadonlyMap<CallEvent['site']['node'], ReadonlySet<string>> {
  const found = new Map<CallEvent['site']['node'], Set<string>>();
  for (const event of archive.events) {
    if ((event.sink !== 'process' && event.sink !== 'install-package') || !isUnasked(event.context)) continue;
    const names = found.get(event.site.node) ?? new Set();
    for (const name of installed(commandText(archive, event) ?? '')) names.add(name);
    found.set(event.site.node, names);
  }
  return found;
}

function listed(names: ReadonlySet<string> | undefined): string {
  if (names === undefined || names.size === 0) return 'what it is told to';
  const shown = [...names].slice(0, MAX_SHOWN);
  const left = names.size - shown.length;
  return shown.join(', ').slice(0, 160) + (left === 0 ? '' : ` and ${String(left)} more`);
}

const MAX_SHOWN = 8;

const INSTALL = /\b(?:pip[\d.]*|easy_install|uv|conda|pipx)\b[^\n]*?\binstall\b\s*([^\n]*)/;

/** `pip install` from setup.py or at import: what it brings was not announced, and nobody scanned it together with this file. */
export const foreignInstall: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [...buildRequirements(archive), ...addressedRequirements(archive)];
    const names = installedAt(archive);
    for (const event of archive.events) {
      if (event.sink !== 'process' && event.sink !== 'install-package') continue;
      if (!isUnasked(event.context)) continue;
      const text = commandText(archive, event);
      const match = INSTALL.exec(text ?? '');
      if (match === null) continue;
      const rest = match[1] ?? '';
      const isRequirementFile = /(?:^|\s)(?:-r|--requirement|-e|\.)(?:\s|$)/.test(rest) && !/https?:/.test(rest);
      const isRemote = /git\+|https?:\/\/(?!github\.com\/pypa)/.test(rest);
      const isGuarded = event.guards.some((g) => g.kind === 'except' && /ImportError|ModuleNotFound/.test(g.text));
      const isTool =
        /^(?:--?target\s+\S+\s+|-t\s+\S+\s+|-\S+\s+)*(?:numpy|cython|wheel|setuptools|pip|pybind11|ninja|cmake|scikit-build|torch|packaging|build)\b[\w\s=<>!~.,"'-]*$/i.test(
          rest,
        );
      const isAstray = isUnvouched(rest);
      const score = isAstray
        ? 10
        : isRemote
          ? 8
          : isRequirementFile || isTool || !isNamed(rest)
            ? 2
            : isGuarded
              ? 3
              : event.context === 'import'
                ? 4
                : 4.5;
      findings.push(
        findingOf(ID, event, {
          score,
          class: isAstray ? 'malware' : 'suspicious',
          message: `Installs ${listed(names.get(event.site.node))} ${momentOf(event)}.`,
        }),
      );
    }
    return findings;
  },
};
