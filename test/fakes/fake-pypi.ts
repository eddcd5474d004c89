// A real index server on 127.0.0.1 that tests can change, break and question. Start at startFakePypi.
// Owns its pages, files and faults; imports nothing of src.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Fault, sendBody } from './fake-pypi-faults.ts';
import {
  type FakeFile,
  type FakeProject,
  hexDigest,
  pathOf,
  renderHtml,
  renderJson,
  renderProjectJson,
  renderRootHtml,
  renderRootJson,
} from './fake-pypi-pages.ts';

export type { Fault } from './fake-pypi-faults.ts';
export type { FakeFile, FakeProject } from './fake-pypi-pages.ts';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';

export interface SeenRequest {
  readonly method: string;
  /** path with query */
  readonly path: string;
  /** `index` or `files`: which of the two servers was asked */
  readonly server: 'index' | 'files';
  readonly headers: IncomingHttpHeaders;
}

export interface FakePypiOptions {
  /** files live on a second port, as on files.pythonhosted.org; default: on the index's own */
  readonly separateFileOrigin?: boolean;
  /** Basic credentials that the index (not the file server) asks for */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** gzip pages when the client takes it; default true */
  readonly compress?: boolean;
}

export interface FakePypi {
  /** simple index root, with a trailing slash: `http://127.0.0.1:<port>/simple/` */
  readonly url: string;
  /** `http://127.0.0.1:<port>`, no trailing slash */
  readonly origin: string;
  /** origin that files are linked to */
  readonly fileOrigin: string;
  /** every request so far, oldest first */
  readonly requests: readonly SeenRequest[];
  /** Adds or replaces a project; its serial grows unless given. */
  addProject(name: string, fields?: Partial<Omit<FakeProject, 'name' | 'files'>>, files?: readonly FakeFile[]): void;
  /** Changes fields of a project; its serial grows unless given. */
  changeProject(name: string, fields: Partial<Omit<FakeProject, 'name'>>): void;
  /** Adds a file, or replaces the one of the same name; makes the project when there is none. Returns its absolute URL. */
  addFile(project: string, file: FakeFile): string;
  /** Takes a file off the page; its bytes stay at their URL, as on pypi.org. */
  removeFile(project: string, filename: string): void;
  /** Takes the project away: its page is a 404 from now on. */
  removeProject(name: string): void;
  /** names of the root list; undefined (at first): those of all projects; null: the list is a 404 */
  setRootList(names: readonly string[] | null | undefined): void;
  /**
   * Breaks a route: a path (`/simple/six/`), the end of one (`six-1.0.tar.gz`) or a pattern. `undefined` mends it.
   * @param times only for the next so many requests
   */
  setFault(route: string | RegExp, fault: Fault | undefined, times?: number): void;
  /** How often a route was asked for. */
  count(route: string | RegExp, method?: string): number;
  /** Absolute URL of a file. */
  urlOf(project: string, filename: string): string;
  /** Forgets the requests seen so far. */
  clearRequests(): void;
  /** Refuses every new connection and cuts the open ones; the port stays reserved only until somebody takes it. */
  close(): Promise<void>;
}

interface PlannedFault {
  readonly route: string | RegExp;
  readonly fault: Fault;
  left: number;
}

interface State {
  readonly projects: Map<string, FakeProject>;
  /** path → file; never forgets, as the real file server */
  readonly files: Map<string, FakeFile>;
  faults: PlannedFault[];
  rootList: readonly string[] | null | undefined;
  serial: number;
  fileOrigin: string;
}

function matches(route: string | RegExp, path: string): boolean {
  const bare = path.split('?')[0] ?? path;
  if (route instanceof RegExp) return route.test(path);
  return route.startsWith('/') ? bare === route : decodeURIComponent(bare).endsWith(`/${route}`);
}

function takeFault(state: State, path: string): Fault | undefined {
  const planned = state.faults.find((each) => each.left > 0 && matches(each.route, path));
  if (planned === undefined) return undefined;
  planned.left -= 1;
  return planned.fault;
}

interface Answer {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isPage: boolean;
}

function wantsJson(accept: string | undefined, formats: readonly string[]): boolean {
  if (!formats.includes('json')) return false;
  return !formats.includes('html') || accept?.includes(JSON_TYPE) === true;
}

/** A large page takes long to write, and the tests that ask for it measure in the same process. */
const rendered = new WeakMap<FakeProject, Map<string, { readonly bytes: Buffer; readonly etag: string }>>();

function renderOnce(project: FakeProject, isJson: boolean, fileOrigin: string): { bytes: Buffer; etag: string } {
  const known = rendered.get(project) ?? new Map<string, { bytes: Buffer; etag: string }>();
  rendered.set(project, known);
  const key = isJson ? 'json' : 'html';
  const held = known.get(key);
  if (held !== undefined) return held;
  const text = isJson ? renderJson(project, fileOrigin) : renderHtml(project, fileOrigin);
  const made = { bytes: Buffer.from(text), etag: `"${hexDigest('md5', text)}"` };
  known.set(key, made);
  return made;
}

function projectAnswer(state: State, name: string, accept: string | undefined): Answer | undefined {
  const project = state.projects.get(name);
  if (project === undefined) return undefined;
  const isJson = wantsJson(accept, project.formats);
  const { bytes, etag } = renderOnce(project, isJson, state.fileOrigin);
  return {
    bytes,
    contentType: isJson ? JSON_TYPE : 'text/html; charset=UTF-8',
    ...(project.etag ? { etag } : {}),
    headers: {
      'Cache-Control': 'max-age=600, public',
      Vary: 'Accept, Accept-Encoding',
      ...(project.serial === null ? {} : { 'X-PyPI-Last-Serial': String(project.serial) }),
    },
    isPage: true,
  };
}

function rootAnswer(state: State, accept: string | undefined): Answer | undefined {
  if (state.rootList === null) return undefined;
  const names = state.rootList ?? [...state.projects.keys()];
  const isJson = wantsJson(accept, ['json', 'html']);
  const text = isJson ? renderRootJson(names, state.serial) : renderRootHtml(names);
  return {
    bytes: Buffer.from(text),
    contentType: isJson ? JSON_TYPE : 'text/html; charset=UTF-8',
    etag: `"${hexDigest('md5', text)}"`,
    isPage: true,
  };
}

function fileAnswer(state: State, path: string): Answer | undefined {
  const file = state.files.get(path);
  if (file !== undefined) {
    return {
      bytes: file.bytes,
      contentType: 'application/octet-stream',
      etag: `"${hexDigest('md5', file.bytes)}"`,
      headers: { 'Cache-Control': 'max-age=365000000, immutable, public', 'Accept-Ranges': 'bytes' },
      isPage: false,
    };
  }
  const owner = path.endsWith('.metadata') ? state.files.get(path.slice(0, -'.metadata'.length)) : undefined;
  if (owner?.metadata === undefined) return undefined;
  return { bytes: Buffer.from(owner.metadata), contentType: 'application/octet-stream', isPage: false };
}

function answerFor(state: State, path: string, accept: string | undefined): Answer | undefined {
  const bare = path.split('?')[0] ?? path;
  if (bare === '/simple/') return rootAnswer(state, accept);
  const page = /^\/simple\/([^/]+)\/$/.exec(bare);
  if (page !== null) return projectAnswer(state, page[1] ?? '', accept);
  const api = /^\/pypi\/([^/]+)\/(?:([^/]+)\/)?json$/.exec(bare);
  const project = api === null ? undefined : state.projects.get(api[1] ?? '');
  if (api !== null && project !== undefined) {
    const text = renderProjectJson(project, api[2], state.fileOrigin);
    return text === undefined ? undefined : { bytes: Buffer.from(text), contentType: 'application/json', isPage: true };
  }
  const integrity = /^\/integrity\/[^/]+\/[^/]+\/([^/]+)\/provenance$/.exec(bare);
  if (integrity !== null) {
    const text = JSON.stringify({ version: 1, attestation_bundles: [] });
    return { bytes: Buffer.from(text), contentType: 'application/vnd.pypi.integrity.v1+json', isPage: true };
  }
  if (/^\/rss\//.test(bare)) {
    return { bytes: Buffer.from('<rss version="2.0"/>'), contentType: 'text/xml; charset=UTF-8', isPage: true };
  }
  return fileAnswer(state, bare.slice(1));
}

function isAuthorized(request: IncomingMessage, credentials: FakePypiOptions['credentials']): boolean {
  if (credentials === undefined) return true;
  const wanted = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return request.headers.authorization === `Basic ${wanted}`;
}

function serveRange(request: IncomingMessage, response: ServerResponse, answer: Answer): boolean {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null || answer.isPage) return false;
  const start = Number(range[1]);
  const end = range[2] === '' ? answer.bytes.length - 1 : Math.min(Number(range[2]), answer.bytes.length - 1);
  response
    .writeHead(206, {
      'Content-Type': answer.contentType,
      'Content-Length': String(end - start + 1),
      'Content-Range': `bytes ${String(start)}-${String(end)}/${String(answer.bytes.length)}`,
    })
    .end(answer.bytes.subarray(start, end + 1));
  return true;
}

async function respond(
  state: State,
  options: FakePypiOptions,
  server: SeenRequest['server'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '/';
  const fault = takeFault(state, path);
  if (server === 'index' && !isAuthorized(request, options.credentials)) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="fake"' }).end();
    return;
  }
  const answer = answerFor(state, path, request.headers.accept);
  if (answer === undefined && fault === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('404 Not Found');
    return;
  }
  const found: Answer = answer ?? { bytes: Buffer.alloc(0), contentType: 'text/plain', isPage: false };
  if (fault === undefined && found.etag !== undefined && request.headers['if-none-match'] === found.etag) {
    response.writeHead(304, { ETag: found.etag }).end();
    return;
  }
  if (fault === undefined && serveRange(request, response, found)) return;
  const isZipped =
    found.isPage &&
    options.compress !== false &&
    fault === undefined &&
    /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const bytes = isZipped ? gzipSync(found.bytes, { level: 1 }) : found.bytes;
  const headers = {
    ...found.headers,
    'Content-Type': found.contentType,
    'Content-Length': String(bytes.length),
    ...(isZipped ? { 'Content-Encoding': 'gzip' } : {}),
    ...(found.etag === undefined ? {} : { ETag: found.etag }),
  };
  await sendBody(response, { bytes, headers }, fault);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** Starts a fake index on a free port of 127.0.0.1. Close it in `afterEach`. */
export async function startFakePypi(options: FakePypiOptions = {}): Promise<FakePypi> {
  const requests: SeenRequest[] = [];
  const state: State = {
    projects: new Map(),
    files: new Map(),
    faults: [],
    rootList: undefined,
    serial: 1000,
    fileOrigin: '',
  };
  const serverFor = (name: SeenRequest['server']): Server =>
    createServer((request, response) => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '/',
        server: name,
        headers: request.headers,
      });
      response.on('error', () => undefined);
      respond(state, options, name, request, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    });
  const index = serverFor('index');
  const origin = await listen(index);
  const files = options.separateFileOrigin === true ? serverFor('files') : undefined;
  state.fileOrigin = files === undefined ? origin : await listen(files);

  const nextSerial = (given: number | null | undefined): number | null => {
    if (given !== undefined) return given;
    state.serial += 1;
    return state.serial;
  };
  const getProject = (name: string): FakeProject => {
    const project = state.projects.get(name);
    if (project === undefined) throw new Error(`the fake index has no project ${name}`);
    return project;
  };
  const replaceProject = (name: string, fields: Partial<Omit<FakeProject, 'name'>>): void => {
    const project = getProject(name);
    state.projects.set(name, {
      ...project,
      ...fields,
      serial: project.serial === null && fields.serial === undefined ? null : nextSerial(fields.serial),
    });
    for (const file of fields.files ?? []) state.files.set(pathOf(file), file);
  };
  const fake: FakePypi = {
    url: `${origin}/simple/`,
    origin,
    fileOrigin: state.fileOrigin,
    requests,
    addProject(name, fields = {}, projectFiles = []) {
      const serial = nextSerial(fields.serial);
      state.projects.set(name, {
        name,
        apiVersion: '1.4',
        formats: ['json', 'html'],
        etag: true,
        status: 'active',
        ...fields,
        serial,
        files: projectFiles,
      });
      for (const file of projectFiles) state.files.set(pathOf(file), file);
    },
    changeProject: replaceProject,
    addFile(project, file) {
      if (!state.projects.has(project)) fake.addProject(project);
      const others = getProject(project).files.filter((each) => each.filename !== file.filename);
      replaceProject(project, { files: [...others, file] });
      return `${state.fileOrigin}/${pathOf(file)}`;
    },
    removeFile(project, filename) {
      replaceProject(project, { files: getProject(project).files.filter((each) => each.filename !== filename) });
    },
    removeProject(name) {
      state.projects.delete(name);
    },
    setRootList(names) {
      state.rootList = names;
    },
    setFault(route, fault, times = Number.POSITIVE_INFINITY) {
      state.faults = state.faults.filter((each) => String(each.route) !== String(route));
      if (fault !== undefined) state.faults.push({ route, fault, left: times });
    },
    count(route, method) {
      return requests.filter((each) => (method === undefined || each.method === method) && matches(route, each.path))
        .length;
    },
    urlOf(project, filename) {
      const file = getProject(project).files.find((each) => each.filename === filename);
      if (file === undefined) throw new Error(`the fake index has no file ${filename}`);
      return `${state.fileOrigin}/${pathOf(file)}`;
    },
    clearRequests() {
      requests.length = 0;
    },
    async close() {
      await stop(index);
      if (files !== undefined) await stop(files);
    },
  };
  return fake;
}
