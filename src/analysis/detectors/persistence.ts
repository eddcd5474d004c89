// Owns things put where they start again by themselves. Start at persistence.
import { actsIn } from '../evidence/acts.ts';
import { bundledAt } from '../evidence/bundled.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { hostKind, hostOf } from '../evidence/hosts.ts';
import { walkedFrom } from '../evidence/walks.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { optionsOf, taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'persistence';
const PLACES =
  /(?:start menu[\\/]+programs[\\/]+startup|[\\/]startup[\\/]|launchagents|launchdaemons|\/etc\/(?:cron|init\.d|systemd|profile|rc\.local|ld\.so\.preload)|\.config[\\/]+(?:systemd|autostart)|systemd[\\/]+(?:user|system)[\\/]|crontab|(?:~|%HOME%|%USERPROFILE%|\/home\/[^/]+|\/root|\/Users\/[^/]+)[\\/]\.(?:bashrc|bash_profile|zshrc|profile|zprofile)$|(?:^|[\\/])(?:sitecustomize|usercustomize)\.py$|\.pth$|\.cursorrules$|\.(?:claude|cursor|windsurf|github)[\\/].*(?:rules|instructions)|\.git[\\/]hooks[\\/]|authorized_keys|discord_desktop_core|app\.asar|currentversion\\+run)/i;

/** Places of editors and assistants, of the system's protection and of other projects: tools write there when a person asks. */
const PLACES_UNASKED =
  /(?:^%GITHUB_(?:ENV|PATH)%$|(?:^|[\\/])(?:\.?pip[\\/]+)?pip\.(?:conf|ini)$|(?:^|[\\/])\.(?:npmrc|pypirc|yarnrc(?:\.yml)?|gitconfig|ssh[\\/]+config)$|(?:^|[\\/])(?:CLAUDE|AGENTS|GEMINI)\.md$|copilot-instructions\.md$|\.vscode[\\/]+(?:tasks|settings|launch)\.json$|\.github[\\/]+workflows[\\/]|(?:^|[\\/])(?:mcp|mcp_config|claude_desktop_config|\.claude)\.json$|[\\/]\.claude[\\/]|drivers[\\/]+etc[\\/]+hosts$|^\/etc\/(?:hosts|passwd|sudoers)|windows defender|ms-settings[\\/]+shell|image file execution options|disableantispyware|^‹[a-z_]\w*(?:\.\w+)*\.__file__›(?:$|.*\.pyw?$)|^‹importlib\.util\.find_spec\(\)\.origin›)/i;

function placeIn(text: string, unasked: boolean): string | undefined {
  return PLACES.exec(text)?.[0] ?? (unasked ? PLACES_UNASKED.exec(text)?.[0] : undefined);
}

function writtenPath({ args }: CallEvent): string {
  const [path] = args;
  return path === undefined ? '' : textOf(path).slice(0, 600);
}

/** Where files are that were looked for in order to be written to. */
function searchedPlace({ args: [path] }: CallEvent): string {
  return path === undefined ? '' : (walkedFrom(path) ?? '').slice(0, 600);
}

/** Where a copy ends up: its folder, with the name that it has had. */
function copiedTo({ args, keywords, receiver }: CallEvent): string {
  const [from, to = keywords.get('dst') ?? keywords.get('target')] = args;
  if (to === undefined) return from === undefined ? '' : `${textOf(receiver ?? from)}\n${textOf(from)}`.slice(0, 1200);
  const name =
    from === undefined
      ? ''
      : textOf(from)
          .slice(0, 600)
          .replace(/^.*[\\/]/, '');
  const place = textOf(to).slice(0, 600);
  return `${place}\n${place}/${name}`;
}

function textsOf(event: CallEvent): string {
  return event.args
    .slice(0, 4)
    .map((a) => textOf(a).slice(0, 600))
    .join('\n');
}

/** What is to start is not fixed in the code, but the caller's choice: an installer of services at work. */
function isOfCaller({ sink, args }: CallEvent): boolean {
  const content = sink === 'write' ? args[1] : undefined;
  if (content === undefined) return false;
  const open = textOf(content).replaceAll(/‹(?:here|file)›/g, '');
  return (taintOf(content).bits & LABEL.parameter) !== 0 || open.includes('‹');
}

/** A service that starts a module of this very archive, which is read as well, and no other program. */
function isOwnService(archive: Evidence, { sink, args }: CallEvent): boolean {
  const content = sink === 'write' ? args[1] : undefined;
  const started =
    content === undefined
      ? []
      : [
          ...textOf(content)
            .slice(0, 4_000)
            .matchAll(/^Exec\w*=(.*)$/gm),
        ];
  return (
    started.length > 0 &&
    started.every(([, line = '']) => {
      const name = /^%PYTHON% -m (\w+)(?:\s[^;&|`$]*)?$/.exec(line.trim())?.[1];
      return (
        name !== undefined && archive.layout.roots.some((r) => archive.layout.byPath.has(`${r}${name}/__init__.py`))
      );
    })
  );
}

/**
 * A tool that other builds load (a wheel's command of distutils) and that puts a `.pth` beside the project it installs:
 * neither its name nor its lines are this archive's. Setuptools does it for namespaces and editable installs.
 */
function isOfOtherBuild(archive: Evidence, event: CallEvent): boolean {
  const [, content] = event.args;
  const name = writtenPath(event).replace(/^.*[\\/]/, '');
  return (
    archive.layout.kind === 'wheel' &&
    event.context === 'install' &&
    name.startsWith('‹') &&
    (content === undefined ||
      (textOf(content).includes('‹') && (taintOf(content).bits & (LABEL.network | LABEL.decoded)) === 0))
  );
}

/**
 * A script for the start-up folder of an interactive interpreter that does nothing but import this project: a habit that
 * nobody asked for, though what runs then is what was read here.
 */
function isOwnImport(archive: Evidence, event: CallEvent): boolean {
  const content = event.sink === 'write' ? event.args[1] : undefined;
  if (content?.kind !== 'str' || !/[\\/]\.?ipython[\\/].*[\\/]startup[\\/]/i.test(writtenPath(event))) return false;
  const lines = content.value
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '' && !/^(?:try:|except(?: \w+)?:|pass)$/.test(line));
  return (
    lines.length > 0 &&
    lines.every((line) => {
      const name = /^(?:import (\w+)(?: as \w+)?|from (\w+) import [\w*, ]+)$/.exec(line)?.slice(1).find(Boolean);
      return (
        name !== undefined && archive.layout.roots.some((r) => archive.layout.byPath.has(`${r}${name}/__init__.py`))
      );
    })
  );
}

/** A whole path and nothing else: `str(folder.resolve())`, `os.path.abspath(…)`. No line of that kind begins with `import`. */
const WHOLE_PATH = /\.(?:resolve|absolute)$|^(?:os\.path\.(?:abspath|realpath)|os\.getcwd|pathlib\.Path\.cwd)$/;

function isWholePath(value: Value): boolean {
  if (value.kind === 'template') {
    const [part] = value.parts;
    return value.parts.length === 1 && part !== undefined && typeof part !== 'string' && isWholePath(part);
  }
  if (value.kind !== 'ref' || value.call === undefined) return false;
  const { name, args, receiver } = value.call;
  const [first] = args;
  if (WHOLE_PATH.test(name)) return (taintOf(value).bits & (LABEL.network | LABEL.decoded)) === 0;
  const given = receiver ?? first;
  return /^(?:str|os\.fspath)$/.test(name) && given !== undefined && isWholePath(given);
}

/**
 * A `.pth` that only adds a folder to the search path, as installs for development do, or a copy of one of the archive's, which
 * runs what was read there.
 */
function addsFolder(archive: Evidence, event: CallEvent): boolean {
  const [first, second] = event.args;
  if (event.sink === 'write') return second !== undefined && isWholePath(second);
  if (event.sink !== 'copy' || first === undefined) return false;
  return optionsOf(first).every((from) => {
    const text = textOf(from);
    return text.endsWith('.pth') && bundledAt(archive.layout, text, event.site.unit.path)?.role === 'start-up';
  });
}

const SHELL_PROFILE = /\.(?:bashrc|bash_profile|zshrc|profile|zprofile)$/;
/** Lines that start nothing: a variable of no meaning to other programs, another name for a command that few call, a completion. */
const SETTING =
  /^\s*(?:#.*|export (?!(?:PATH|ENV|BASH_ENV|PS\d|PROMPT_COMMAND|EDITOR|VISUAL|PAGER|BROWSER|SHELL)=|\w*(?:PROXY|PRELOAD|_OPTIONS|_OPTS)=|(?:LD|DYLD|PYTHON|PIP|UV|NODE|NPM|GIT|SSL|CURL|REQUESTS|PERL|RUBY|JAVA|SSH|SUDO|LESS)_?\w*=)[A-Z][A-Z0-9_]*=[^`$;&|<>()]*|alias (?!(?:sudo|su|ls|cd|cat|cp|mv|rm|ssh|scp|git|pip\d?|python\d?|uv|npm|curl|wget|vim?|nano|grep|docker|kubectl|aws|gcloud)=)[\w.-]+=(?:"(?:[^"`$;&|<>\\]|\\\$)*"|'[^'`;&|<>]*')|fpath=\([\w/.~ $-]*\)|eval "\$\(_[A-Z0-9_]+_COMPLETE=\w+ [\w-]+\)")?\s*$/;

/** How a shell asks for what may follow the name of a command: it runs when somebody types that name and a tab. */
const COMPLETION =
  /^(_\w+)\(\) ?\{\n(?:(?!\}).*\n){0,60}\}\n\s*complete (?:-\w+ )*-F \1 [\w.-]+[ \t]*$|^complete (?:--?[\w-]+ ){0,3}-?-?c(?:ommand)? [\w.-]+ [^\n;&|]{0,300}$|^Register-ArgumentCompleter [^\n]{0,300}\{\n(?:(?!\}).*\n){0,60}\}/gm;

/** A shell's profile that is told settings and starts nothing: an odd habit of an install, and no more. */
function isSettings({ sink, args }: CallEvent, hit: string): boolean {
  const content = sink === 'write' ? args[1] : undefined;
  if (content === undefined || !SHELL_PROFILE.test(hit)) return false;
  return optionsOf(content).every((option) =>
    textOf(option)
      .replaceAll(/‹[^›]*›/g, '_')
      .replaceAll(COMPLETION, '')
      .split('\n')
      .every((line) => SETTING.test(line)),
  );
}

/** Where code of others lies: what stands in their files runs with them. */
const CODE_OF_OTHERS =
  /site\.get(?:site|usersite)packages|sysconfig\.get_path|(?:site|dist)-packages|distutils\.sysconfig/;
const PYTHON = /(?:\.pyw?|›)$/;

/** Text of the archive's own that fetches code, put into Python files of others: each of them is a carrier from then on. */
function infectionOf(event: CallEvent): string | undefined {
  const [path, content] = event.args;
  if (event.sink !== 'write' || path === undefined || content === undefined || !isUnasked(event.context))
    return undefined;
  const place = textOf(path).slice(0, 600);
  if (!PYTHON.test(place)) return undefined;
  const root = walkedFrom(path);
  const isFound = root !== undefined && !/‹(?:here|file)›/.test(root);
  if (!isFound && !CODE_OF_OTHERS.test(place)) return undefined;
  const acts = actsIn(textOf(content).slice(0, 20_000));
  return acts.has('execute') && acts.has('network') ? place : undefined;
}

/** A folder that no interpreter looks for `.pth` files in: below the code's own, or one for caches and settings in a home. */
const NO_SITE_FOLDER =
  /^(?:‹here›|‹file›|(?:~|%HOME%|%USERPROFILE%)[\\/]\.(?!local[\\/]))[\\/]?(?:[^\\/‹%]+[\\/]){1,8}[^\\/]*\.pth$/;

const SITE_FOLDER = /(?:^|[\\/])(?:\.\.|(?:site|dist)-packages|lib(?:64)?)(?:[\\/]|$)/i;

/**
 * Weights of a model (`.pth` as well) that are put into a folder for data: only in a folder of `site-packages` itself does the
 * interpreter read such a file. Not where the archive makes more folders into such ones, or goes up from its own.
 */
function isModel({ events }: Evidence, place: string): boolean {
  const paths = place.split('\n').filter((path) => path.endsWith('.pth'));
  return (
    paths.length > 0 &&
    paths.every((path) => NO_SITE_FOLDER.test(path) && !SITE_FOLDER.test(path)) &&
    !events.some(({ name }) => name.startsWith('site.addsite'))
  );
}

const PIP_SETTINGS = /pip\.(?:conf|ini)$/i;

/**
 * Settings of pip that name ordinary hosts over TLS and nothing else: which index a machine asks is for whoever looks after
 * it to say, and not for a project that is being installed. A person can see whose index it is.
 */
function isPlainIndex(archive: Evidence, { args, site }: CallEvent): boolean {
  const [, content] = args;
  if (content === undefined) return false;
  const copied = taintOf(content)
    .origins.filter((o) => o.label === LABEL.file || o.label === LABEL.ownFile)
    .map((o) =>
      bundledAt(archive.layout, o.text.replace(/^file /, '').replace(/^‹sys\.argv\[\]›/, '‹here›'), site.unit.path),
    )
    .find((placed) => placed !== undefined);
  const text = copied === undefined ? textOf(content) : (archive.sources.textOf(copied) ?? '');
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:[#;].*|\[[\w-]+\]\s*)?$/.test(line));
  return lines.length > 0 && lines.every((line) => INDEX_LINE.test(line) && hostKind(hostOf(line) ?? '') === 'plain');
}

const INDEX_LINE = /^\s*(?:extra-)?index-url\s*=\s*https:\/\/[\w./-]+\s*$/;

/** Fixed text that fetches code and runs it, put where it starts again: what comes the next time nobody has read. */
function isLoader({ sink, args }: CallEvent, hit: string): boolean {
  const [, content] = args;
  if (
    sink !== 'write' ||
    content === undefined ||
    !/cron|systemd|launch|autostart|startup|init\.d|profile|rc$|\.pth$|customize/i.test(hit)
  )
    return false;
  const acts = actsIn(textOf(content).slice(0, 20_000));
  return acts.has('fetch-and-run') || (acts.has('execute') && acts.has('network'));
}

/** Folders whose every program starts with the session of a user, and the code of a messenger's client. */
const STARTS_PROGRAMS =
  /start menu[\\/]+programs[\\/]+startup|[\\/]startup[\\/]|launchagents|\.config[\\/]+autostart|discord_desktop_core|app\.asar/i;

/** What came over the network is put, as it came, where every program starts: whoever answered owns the session. */
function isFetched(archive: Evidence, { sink, args }: CallEvent, hit: string): boolean {
  if (!STARTS_PROGRAMS.test(hit)) return false;
  const [first, second] = args;
  if (sink === 'write') return second !== undefined && isReceived(taintOf(second).bits);
  return sink === 'copy' && first !== undefined && isReceived(archive.left.get(textOf(first))?.bits ?? 0);
}

function isReceived(bits: number): boolean {
  return (bits & LABEL.network) !== 0 && (bits & (LABEL.parameter | LABEL.input)) === 0;
}

function saysOf(place: string, { isInfecting, isSetting }: { isInfecting: boolean; isSetting: boolean }): string {
  if (isInfecting) return `Puts code that fetches code into Python files of others (${place}).`;
  if (isSetting) return `Adds lines that start nothing to a shell's profile (${place}).`;
  return `Puts something where it starts by itself (${place}).`;
}

/** Start-up folders, agents, services, shell profiles and registry keys that are written. */
export const persistence: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const isWriting =
        event.sink === 'write' || event.sink === 'copy' || event.sink === 'registry' || event.sink === 'persist';
      if (!isWriting) continue;
      if (
        event.sink === 'registry' &&
        /Open|Query/.test(event.name) &&
        !/SetValue|Create/.test(event.name) &&
        !/\\Run\b/i.test(textsOf(event))
      )
        continue;
      const unasked = isUnasked(event.context);
      const text =
        event.sink === 'write' ? writtenPath(event) : event.sink === 'copy' ? copiedTo(event) : textsOf(event);
      const infected = infectionOf(event);
      const hit =
        event.sink === 'persist'
          ? event.name
          : (infected ??
            placeIn(text, unasked) ??
            (event.sink === 'write' ? placeIn(searchedPlace(event), unasked) : undefined));
      if (hit === undefined || (hit === '.pth' && isModel(archive, text))) continue;
      if (hit.endsWith('.pth') && addsFolder(archive, event)) continue;
      const isSetting = unasked && isSettings(event, hit);
      const isOwn = isSetting || (unasked && isOwnImport(archive, event));
      const isIndex = PIP_SETTINGS.test(hit) && isPlainIndex(archive, event);
      const isCertain =
        (unasked && !isIndex && !isOwn && !(hit.endsWith('.pth') && isOfOtherBuild(archive, event))) ||
        (event.context !== 'test' && (isFetched(archive, event, hit) || isLoader(event, hit)));
      findings.push(
        findingOf(ID, event, {
          // Tools that measure a whole process put a .pth beside themselves.
          score: isCertain
            ? hit.endsWith('.pth') && !isLoader(event, hit)
              ? 8.5
              : 10
            : isOwn || isIndex
              ? 7
              : isOfCaller(event) || isOwnService(archive, event)
                ? 2
                : 4,
          class: isCertain ? 'malware' : 'suspicious',
          message: saysOf(hit.slice(0, 60), { isInfecting: infected !== undefined, isSetting }),
        }),
      );
    }
    return findings;
  },
};
