// Every way of asking for the bytes of a file that we could think of. Start at ROUTES; a bypass that was found adds a row.

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Route {
  readonly id: string;
  /** one line for docs/bypass-matrix.md */
  readonly title: string;
  /** what an allowed file answers here: bytes of it, its metadata, nothing of it at all, or what the index attests of any file */
  readonly gives: 'bytes' | 'head' | 'metadata' | 'nothing' | 'attestation';
  ask(path: string, sha256: string): Ask;
}

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Ask => ({ method: 'GET', path, headers });

function withFilename(path: string, change: (filename: string) => string): string {
  const cut = path.lastIndexOf('/') + 1;
  return path.slice(0, cut) + change(path.slice(cut));
}

const route = (id: string, title: string, gives: Route['gives'], ask: Route['ask']): Route => ({
  id,
  title,
  gives,
  ask,
});

export const ROUTES: readonly Route[] = [
  route('get', 'GET', 'bytes', (path) => get(path)),
  route('head', 'HEAD', 'head', (path) => ({ ...get(path), method: 'HEAD' })),
  route('range-all', 'Range: bytes=0-', 'bytes', (path) => get(path, { range: 'bytes=0-' })),
  route('range-first', 'Range: bytes=0-99', 'bytes', (path) => get(path, { range: 'bytes=0-99' })),
  route('range-tail', 'Range: bytes=-1', 'bytes', (path) => get(path, { range: 'bytes=-1' })),
  route('range-poetry', 'Range: bytes=-10000, as Poetry asks', 'bytes', (path) => get(path, { range: 'bytes=-10000' })),
  route('range-resume', 'Range with If-Range, as pip resumes', 'bytes', (path, sha256) =>
    get(path, { range: 'bytes=100-', 'if-range': `"sha256-${sha256}"` }),
  ),
  route('range-many', 'several ranges at once', 'bytes', (path) => get(path, { range: 'bytes=0-9,20-29' })),
  route('if-none-match', 'If-None-Match: *', 'nothing', (path) => get(path, { 'if-none-match': '*' })),
  route('gzip', 'Accept-Encoding: gzip, br', 'bytes', (path) => get(path, { 'accept-encoding': 'gzip, br' })),
  route('metadata', '.metadata', 'metadata', (path) => get(`${path}.metadata`)),
  route('metadata-head', 'HEAD of .metadata', 'head', (path) => ({ ...get(`${path}.metadata`), method: 'HEAD' })),
  route('metadata-twice', '.metadata.metadata', 'nothing', (path) => get(`${path}.metadata.metadata`)),
  route('signature', '.asc', 'nothing', (path) => get(`${path}.asc`)),
  route('provenance', '.provenance', 'nothing', (path) => get(`${path}.provenance`)),
  route('hop', 'the last hop of a hold, invented', 'bytes', (path) => get(`${path}?h=8`)),
  route('hop-far', 'a hop beyond the last', 'bytes', (path) => get(`${path}?h=99`)),
  route('hop-nonsense', 'a hop that is no number', 'bytes', (path) => get(`${path}?h=-1e9`)),
  route('query', 'a query that means nothing', 'bytes', (path) => get(`${path}?x=1`)),
  route('trailing-slash', 'a trailing slash', 'nothing', (path) => get(`${path}/`)),
  route('double-slash', 'doubled slashes', 'nothing', (path) => get(path.replace('/packages/', '//packages//'))),
  route('upper-case', 'the filename in capitals', 'nothing', (path) =>
    get(withFilename(path, (name) => name.toUpperCase())),
  ),
  route('encoded-dot', 'the filename with %2E', 'bytes', (path) =>
    get(withFilename(path, (name) => name.replaceAll('.', '%2E'))),
  ),
  route('encoded-letters', 'the filename percent-encoded', 'bytes', (path) =>
    get(withFilename(path, (name) => `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`)),
  ),
  route('encoded-slash', 'encoded slashes', 'nothing', (path) =>
    get(`/packages/${encodeURIComponent(path.slice('/packages/'.length))}`),
  ),
  route('dot-segment', 'a dot segment', 'nothing', (path) => get(path.replace('/packages/', '/packages/%2e/'))),
  route('climb', 'out and in again', 'nothing', (path) => get(path.replace('/packages/', '/packages/x/%2e%2e/'))),
  route('null', 'a NUL at the end', 'nothing', (path) => get(`${path}%00`)),
  route('space', 'a space at the end', 'nothing', (path) => get(`${path}%20`)),
  route('semicolon', 'a path parameter', 'nothing', (path) => get(`${path};v=1`)),
  route('backslash', 'a backslash for a slash', 'nothing', (path) =>
    get(withFilename(path, (name) => name).replace('/packages/', '/packages%5C')),
  ),
  route('other-host', 'Host: files.pythonhosted.org', 'bytes', (path) => get(path, { host: 'files.pythonhosted.org' })),
  route('forwarded', 'X-Forwarded and X-Original-URL headers', 'bytes', (path) =>
    get(path, { 'x-forwarded-for': '127.0.0.1', 'x-original-url': '/healthz', 'x-http-method-override': 'HEAD' }),
  ),
  route('speaking', 'an invented speaking URL', 'nothing', (path) =>
    get(
      withFilename(path, (name) => name).replace(
        /^\/packages\/.*\/([^/]+)$/,
        '/packages/refused/0000000000000000-malware/$1',
      ),
    ),
  ),
  route('predictable', 'the predictable URL of pypi.org', 'nothing', (path) =>
    get(path.replace(/^.*\/([^/]+)$/, '/packages/py3/s/state/$1')),
  ),
  route('absolute', 'an absolute request target', 'nothing', (path) => get(`http://files.pythonhosted.org${path}`)),
  route('climb-semicolon', 'out by `..;` and in again', 'nothing', (path) =>
    get(path.replace('/packages/', '/packages/x/..;/')),
  ),
  route('encoded-twice', 'the filename percent-encoded twice', 'nothing', (path) =>
    get(withFilename(path, (name) => name.replaceAll('.', '%252E'))),
  ),
  route('full-width', 'a letter in full width', 'nothing', (path) =>
    get(
      withFilename(path, (name) =>
        encodeURIComponent(name.replace(/^[a-z]/, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))),
      ),
    ),
  ),
  route('underscore', 'the filename with doubled underscores', 'nothing', (path) =>
    get(withFilename(path, (name) => name.replace('_', '__'))),
  ),
  route('fragment', 'an encoded fragment', 'nothing', (path) => get(`${path}%23sha256=0`)),
  route('if-match', 'If-Match and If-Unmodified-Since', 'bytes', (path, sha256) =>
    get(path, { 'if-match': `"sha256-${sha256}"`, 'if-unmodified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' }),
  ),
  route('etag', 'If-None-Match with the digest, as a cache asks again', 'nothing', (path, sha256) =>
    get(path, { 'if-none-match': `"sha256-${sha256}"` }),
  ),
  route('only-cached', 'Cache-Control: only-if-cached', 'bytes', (path) =>
    get(path, { 'cache-control': 'only-if-cached, max-stale=99999999' }),
  ),
  route('upgrade', 'Upgrade: h2c', 'bytes', (path) =>
    get(path, { connection: 'upgrade', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }),
  ),
  route('get-with-body', 'GET with a body that looks like another request', 'bytes', (path) => ({
    ...get(path, { 'content-length': '5' }),
    body: 'GET /',
  })),
  route('query-sibling', 'the path of a sibling in the query', 'bytes', (path) => get(`${path}?path=${path}&file=x`)),
  route('integrity', 'the address of its attestation', 'attestation', (path) =>
    get(path.replace(/^.*\/(([^/-]+)-([^/-]+)-[^/]+)$/, '/integrity/$2/$3/$1/provenance')),
  ),
  route('page-of-file', 'its path below /simple/', 'nothing', (path) => get(`/simple${path}`)),
  route('broken-escape', 'a broken escape at the end', 'nothing', (path) => get(`${path}%zz`)),
  route('host-elsewhere', 'Host: a name that is not ours', 'bytes', (path) => get(path, { host: 'elsewhere.invalid' })),
  route('deep-path', 'its path behind a thousand folders', 'nothing', (path) =>
    get(`${'/packages'.repeat(1000)}${path}`),
  ),
  route('post', 'POST', 'nothing', (path) => ({ ...get(path), method: 'POST' })),
  route('put', 'PUT', 'nothing', (path) => ({ ...get(path), method: 'PUT' })),
  route('propfind', 'PROPFIND', 'nothing', (path) => ({ ...get(path), method: 'PROPFIND' })),
  route('trace', 'TRACE', 'nothing', (path) => ({ ...get(path), method: 'TRACE' })),
  route('options', 'OPTIONS', 'nothing', (path) => ({ ...get(path), method: 'OPTIONS' })),
];
