// Owns the two spellings of a lock file's URLs: the index's own and Cordon's. Pure. Start at rewriteLock.

export interface LockRewrite {
  readonly text: string;
  /** how many URLs were changed */
  readonly changed: number;
  /** how many of them name a file; the others name the index */
  readonly files: number;
  /** other URLs and repositories that an installer would ask itself, without credentials, each once; none on the way to pypi.org */
  readonly elsewhere: readonly string[];
}

/** pypi.org and its file host, as lock files spell them. A URL ends at white space, a quote or a bracket. */
const PYPI_FILES = 'https://files.pythonhosted.org/packages/';
const PYPI_INDEX = 'https://pypi.org/simple';

const START = '(?:(?<![A-Za-z0-9=/:.-])|(?<=(?:^|\\s)--[a-z-]{1,30}=))';

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function replaceAll(text: string, from: string, to: string): readonly [string, number] {
  let changed = 0;
  // The character before must not be part of a longer URL (`?next=https://…`), unless it ends an option of a requirements file
  // (`--extra-index-url=https://…`), nor the one after of a longer name (`…/simple-other`).
  const boundary = from.endsWith('/') ? '' : '(?![A-Za-z0-9._~-])';
  const result = text.replace(new RegExp(`${START}${escapeRegExp(from)}${boundary}`, 'g'), () => {
    changed += 1;
    return to;
  });
  return [result, changed];
}

/**
 * uv takes a uv.lock for outdated when its registry is not the index it was told, to the slash. Cordon's is told with one
 * everywhere; that of pypi.org has none in a lock, and uv's malware check knows it only so.
 */
function replaceRegistry(text: string, from: string, to: string): readonly [string, number] {
  let changed = 0;
  const result = text.replace(new RegExp(`(?<=\\bregistry = ")${escapeRegExp(from)}/?(?=")`, 'g'), () => {
    changed += 1;
    return to;
  });
  return [result, changed];
}

/**
 * What Poetry asks besides Cordon: it goes by the sources of its project, whatever address its lock has for them, and asks
 * pypi.org where none of them is a primary one.
 *
 * @param project the text of pyproject.toml
 */
export function findPoetryDetours(project: string, publicUrl: string): readonly string[] {
  const sections = project.split(/^[ \t]*\[\[tool\.poetry\.source\]\][ \t]*$/m).slice(1);
  const sources = sections.map((section) => {
    const lines = section.split(/^[ \t]*\[/m)[0] ?? '';
    const readValue = (key: string): string | undefined =>
      new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*["']([^"']*)["']`, 'm').exec(lines)?.[1];
    return { url: readValue('url') ?? PYPI_INDEX, priority: readValue('priority') ?? 'primary' };
  });
  const isPypiImplied = !sources.some(({ priority }) => priority === 'primary' || priority === 'default');
  const past = sources.map(({ url }) => url).filter((url) => !url.startsWith(`${publicUrl}/`));
  return [...new Set([...(isPypiImplied ? [PYPI_INDEX] : []), ...past])];
}

/** What is left that is not ours, comments aside: whoever slips a URL of their own into a lock file means it to be overlooked. */
function findElsewhere(text: string, publicUrl: string): readonly string[] {
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    if (/^(?:description|summary) = /.test(line)) continue;
    for (const [url] of line
      .replace(/(?:^|\s)#.*$/, '')
      .matchAll(/\b(?:[a-z]+\+)?(?:https?|git|ssh|svn|ftp):\/\/[^\s"'<>\\]+/gi)) {
      if (!url.startsWith(`${publicUrl}/`)) found.add(url.replace(/(:\/\/)[^/]*@/, '$1').replace(/[)\]},;]+$/, ''));
    }
  }
  return [...found];
}

/**
 * Rewrites the URLs of a lock file (uv.lock, pylock.toml, requirements, poetry.lock, pdm.lock, Pipfile.lock) so that installers
 * fetch through Cordon, or back again so that the file can be shared with people who have no Cordon. Nothing else changes:
 * hashes keep their meaning, and rewriting to and fro gives the same text.
 *
 * @param publicUrl Cordon's URL without a slash at the end, e.g. `http://127.0.0.1:8080`
 */
export function rewriteLock(text: string, direction: 'to-cordon' | 'to-pypi', publicUrl: string): LockRewrite {
  const ours = { files: `${publicUrl}/packages/`, index: `${publicUrl}/simple` };
  const pypi = { files: PYPI_FILES, index: PYPI_INDEX };
  const [from, to] = direction === 'to-cordon' ? [pypi, ours] : [ours, pypi];
  const [withFiles, files] = replaceAll(text, from.files, to.files);
  const registry = direction === 'to-cordon' ? `${to.index}/` : to.index;
  const [withRegistry, registries] = replaceRegistry(withFiles, from.index, registry);
  const [withIndex, indexes] = replaceAll(withRegistry, from.index, to.index);
  const elsewhere = direction === 'to-cordon' ? findElsewhere(withIndex, publicUrl) : [];
  return { text: withIndex, changed: files + registries + indexes, files, elsewhere };
}
