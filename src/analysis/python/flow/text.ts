// Owns how a value reads as text, holes included. May import value. Start at textOf.
import type { ExternalCall, RefValue, SequenceValue, Value } from './value.ts';

const MAX_DEPTH = 12;

/**
 * The text that a value would be, as far as it is known; unknown parts as `‹name›`, well-known places of a user's
 * machine as `%APPDATA%`, `~`, `%PYTHON%`.
 */
export function textOf(value: Value, depth = 0): string {
  if (depth > MAX_DEPTH) return '‹…›';
  switch (value.kind) {
    case 'str':
    case 'bytes':
      return value.value;
    case 'int':
    case 'float':
      return String(value.value);
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'template': {
      let text = '';
      for (const part of value.parts) {
        text += typeof part === 'string' ? part : textOf(part, depth + 1);
        if (text.length > 2 ** 20) break;
      }
      return text;
    }
    case 'union':
      return textOf(
        value.options.find((o) => o.kind === 'str' || o.kind === 'template') ?? value.options[0]!,
        depth + 1,
      );
    case 'ref':
      return refText(value, depth);
    case 'sequence':
      return sequenceText(value, depth);
    case 'instance':
      return `‹${value.of.name}›`;
    case 'dict':
      return [...value.entries]
        .slice(0, 200)
        .map(([key, entry]) => `${key.slice(1)}=${textOf(entry, depth + 2)}`)
        .join('&');
    case 'function':
    case 'class':
      return `‹${value.name}›`;
    case 'module':
      return `‹${value.unit.module}›`;
    case 'bound':
      return `‹.${value.name}›`;
    case 'namespace':
      return '‹names›';
  }
}

function sequenceText(value: SequenceValue, depth: number): string {
  const texts: string[] = [];
  for (const element of value.elements) {
    texts.push(textOf(element, depth + 1));
    if (texts.length > 400) break;
  }
  return texts.join(' ');
}

const PLACES: ReadonlyMap<string, string> = new Map([
  ['sys.executable', '%PYTHON%'],
  ['os.sep', '/'],
  ['os.path.sep', '/'],
  ['os.linesep', '\n'],
  ['tempfile.gettempdir()', '%TEMP%'],
  ['tempfile.mkdtemp()', '%TEMP%/dir'],
  ['tempfile.mkdtemp', '%TEMP%/dir'],
  ['tempfile.TemporaryDirectory()', '%TEMP%/dir'],
  ['tempfile.TemporaryDirectory().name', '%TEMP%/dir'],
  ['tempfile.mktemp()', '%TEMP%/file'],
  ['os.getcwd()', '.'],
  ['os.devnull', '/dev/null'],
]);

/** Functions of a path that keep its text. */
const SAME_TEXT =
  /^(?:os\.path\.(?:abspath|realpath|normpath|expanduser|expandvars|normcase)|os\.fspath|str|repr|pathlib\.\w*Path(?:\(\)\.(?:resolve|absolute|expanduser|as_posix|__str__))?|shlex\.quote|yarl\.URL|urllib\.request\.Request|urllib\.parse\.quote|aiofiles\.open|open|sh\.Command|shutil\.which)$/;

function refText(value: RefValue, depth: number): string {
  const { name, call } = value;
  if (name.startsWith('tempfile.NamedTemporaryFile()') && call !== undefined)
    return `%TEMP%/file-${call.site.node.start}`;
  if (name.startsWith('sys.executable.')) return '%PYTHON%';
  const place = PLACES.get(name);
  if (place !== undefined) return place;
  if (call !== undefined && name.endsWith('()')) {
    if (call.name === 'pathlib.Path.home') return '~';
    if (call.name === 'pathlib.Path.cwd') return '.';
    if (call.name === 'shutil.make_archive') return archivePath(call, depth);
    const first = call.args[0];
    const beside = pathMethodText(call, depth);
    if (beside !== undefined) return beside;
    if (call.name === 'os.path.dirname' && first !== undefined)
      return textOf(first, depth + 1).replace(/[\\/]+[^\\/]*$/, '');
    if (call.name === 'os.getenv' || call.name === 'os.environ.get' || call.name === 'os.path.expandvars') {
      if (first !== undefined && first.kind === 'str')
        return call.name.endsWith('vars') ? first.value : `%${first.value}%`;
    } else if (call.name === 'pathlib.Path' || call.name === 'os.path.join') {
      return call.args.map((a) => textOf(a, depth + 1)).join('/');
    } else if (first !== undefined && SAME_TEXT.test(call.name)) return textOf(first, depth + 1);
    else if (call.receiver !== undefined && SAME_TEXT.test(call.name)) return ownerText(call.receiver, depth);
  }
  if (name === '__file__') return '‹here›/‹file›';
  if (call !== undefined && name === 'os.environ[]' && call.args[0]?.kind === 'str') return `%${call.args[0].value}%`;
  return `‹${name}›`;
}

/** What `shutil.make_archive` puts behind the name that it is given. */
const ENDINGS = new Map([
  ['gztar', 'tar.gz'],
  ['bztar', 'tar.bz2'],
  ['xztar', 'tar.xz'],
]);

/** The file that `shutil.make_archive` makes, and gives the path of. */
export function archivePath({ args, keywords }: Pick<ExternalCall, 'args' | 'keywords'>, depth: number): string {
  const [base, second] = args;
  const format = second ?? keywords.get('format');
  if (base === undefined || format === undefined) return '‹shutil.make_archive()›';
  const ending = textOf(format, depth + 1);
  return `${textOf(base, depth + 1)}.${ENDINGS.get(ending) ?? ending}`;
}

/** The object that a method is called on. */
function ownerText(method: Value, depth: number): string {
  if (method.kind !== 'ref' || method.call === undefined) return textOf(method, depth + 1);
  return refText({ ...method, name: method.name.replace(/\.\w+$/, '') }, depth + 1);
}

/** `path.joinpath(…)`, `path.with_name(…)`, a file of `folder.rglob(…)`; undefined for other calls. */
function pathMethodText(call: ExternalCall, depth: number): string | undefined {
  const method = /^pathlib\.\w*Path\(\)\.(joinpath|with_name|with_suffix|r?glob|iterdir)$/.exec(call.name)?.[1];
  if (method === undefined || call.receiver === undefined) return undefined;
  const owner = ownerText(call.receiver, depth);
  const args = call.args.map((a) => textOf(a, depth + 1));
  switch (method) {
    case 'joinpath':
      return [owner, ...args].join('/');
    case 'with_name':
      return `${owner.replace(/[^\\/]*$/, '')}${args[0] ?? ''}`;
    case 'with_suffix':
      return `${owner.replace(/\.\w+$/, '')}${args[0] ?? ''}`;
    default:
      return `${owner}/${args[0] ?? '*'}`;
  }
}

/** At most `length` characters on one line, for evidence. */
export function excerpt(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
