// Owns the routes that go to an upstream untouched: attestations and RSS. Imports http-proxy-middleware. Start at passThroughRoutes.
// Names are parsed and written anew, private names never leave, nothing but GET and HEAD, no credentials out, no redirect back.
import { Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import express, { type Request, type Response, type Router } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { CordonError } from '../errors.ts';
import type { Refused } from '../gate/answers.ts';
import { NOT_HELD, refuse } from '../gate/refuse.ts';
import { isRefusal } from '../policy/verdict.ts';
import type { ProjectFacts } from '../ports/project-index.ts';
import { parseFilename } from '../pypi/filename.ts';
import type { ProjectName } from '../pypi/model.ts';
import { parseProjectName } from '../pypi/names.ts';
import { sendAbsent, sendFailure, sendRefused } from './answers.ts';
import type { HttpDeps, PassThrough } from './deps.ts';
import { getContext } from './request-context.ts';

const REQUEST_HEADERS = ['accept', 'accept-encoding', 'if-none-match', 'if-modified-since'];
const RESPONSE_HEADERS = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'etag',
  'last-modified',
  'vary',
]);
/** An attestation is a few kilobytes, a feed some hundred. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

type Proxy = (request: Request, response: Response) => void;

/** The upstream path of a request that passed the checks. */
const targets = new WeakMap<IncomingMessage, string>();

function noAnswer(): CordonError {
  return new CordonError('UPSTREAM_DOWN', 'the index did not answer this request');
}

function checkResponse(answer: IncomingMessage, request: Request, response: ServerResponse): void {
  const status = answer.statusCode ?? 502;
  const isRedirect = status >= 300 && status < 400 && status !== 304;
  if (isRedirect || status < 200 || status >= 500) {
    answer.resume();
    sendFailure(request, response as Response, noAnswer());
    return;
  }
  // the index's own phrase may hold what Node refuses to send; without one the standard phrase is sent
  answer.statusMessage = '';
  for (const name of Object.keys(answer.headers)) {
    if (!RESPONSE_HEADERS.has(name)) Reflect.deleteProperty(answer.headers, name);
  }
  answer.headers['cache-control'] = 'max-age=0, must-revalidate';
  answer.headers['x-content-type-options'] = 'nosniff';
  // whatever type it claims, it stands under our name, where the admin API is
  answer.headers['content-security-policy'] = "default-src 'none'; sandbox; frame-ancestors 'none'";
  let received = 0;
  answer.on('data', (chunk: Buffer) => {
    received += chunk.byteLength;
    if (received > MAX_RESPONSE_BYTES) answer.destroy(new Error('the answer is too large'));
  });
}

function createProxy(passThrough: PassThrough): Proxy {
  const isTls = passThrough.origin.startsWith('https:');
  const agent = passThrough.agent ?? (isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true }));
  const proxy = createProxyMiddleware<Request, Response>({
    target: passThrough.origin,
    agent,
    changeOrigin: true,
    followRedirects: false,
    secure: true,
    xfwd: false,
    proxyTimeout: passThrough.timeoutMs,
    pathRewrite: (_path, request) => targets.get(request) ?? '/',
    on: {
      proxyReq: (outgoing, request, response) => {
        // without a listener Node drops the connection without a word, and the client would wait for nothing
        outgoing.once('upgrade', (_answer, socket) => {
          socket.destroy();
          if (!response.headersSent) sendFailure(request, response, noAnswer());
        });
      },
      proxyRes: checkResponse,
      error: (error, request, response) => {
        const isSlow = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ETIMEDOUT');
        const code = isSlow ? 'UPSTREAM_SLOW' : 'UPSTREAM_DOWN';
        const failure = new CordonError(code, 'the index did not answer this request', { cause: error });
        if (!('headersSent' in response) || response.headersSent) response.destroy();
        else sendFailure(request, response, failure);
      },
    },
  });
  return (request, response) => {
    // Before the proxy sees them: with `Expect` it sends its request without asking what to leave out.
    const kept = REQUEST_HEADERS.map((name) => [name, request.headers[name]] as const);
    request.headers = {
      ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
      'user-agent': 'cordon',
    };
    void proxy(request, response);
  };
}

/** The project where it is the pass-through upstream's own: a name that another index owns is not asked there. */
async function findOwned(
  name: string,
  upstream: PassThrough['upstream'],
  deps: HttpDeps,
): Promise<ProjectFacts | undefined> {
  const project = parseProjectName(name);
  if (project === undefined || !deps.index.findUpstreams(project).includes(upstream)) return undefined;
  const facts = await deps.index.findProject(project);
  return facts?.upstream === upstream ? facts : undefined;
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';
}

/** Attestations of a file that is refused would vouch for it; of a project without a usable file nothing is told at all. */
async function findRefused(facts: ProjectFacts, filename: string, deps: HttpDeps): Promise<Refused | undefined> {
  const files =
    filename === ''
      ? facts.files
      : [...facts.files, ...facts.removed].filter((each) => each.file.filename === filename);
  const [file] = files;
  const verdicts = (await deps.judge.judgeProject(facts.project, files)).map(({ verdict }) => verdict);
  const [verdict] = verdicts;
  if (file === undefined || verdict === undefined || !isRefusal(verdict) || !verdicts.every(isRefusal))
    return undefined;
  return refuse(file, verdict, NOT_HELD, deps);
}

function makeTarget(project: ProjectName, version: string, filename: string): string | undefined {
  if (filename === '') return `/rss/project/${project}/releases.xml`;
  const isVersion = /^[A-Za-z0-9.!+_-]{1,100}$/.test(version) && !/^\.+$/.test(version);
  if (!isVersion || parseFilename(filename, project) === undefined) return undefined;
  return `/integrity/${project}/${encodeURIComponent(version)}/${encodeURIComponent(filename)}/provenance`;
}

/** `/integrity/<project>/<version>/<file>/provenance` and the RSS feeds. */
export function passThroughRoutes(passThrough: PassThrough, deps: HttpDeps): Router {
  const proxy = createProxy(passThrough);
  const router = express.Router({ strict: true, caseSensitive: true });

  function pass(request: Request, response: Response, target: string | undefined): void {
    getContext(request).route = 'pass-through';
    if (hasBody(request)) throw new CordonError('BAD_REQUEST', 'a request for a document has no body');
    if (target === undefined) {
      sendAbsent(request, response, { kind: 'absent', detail: 'the index has no such document' });
      return;
    }
    targets.set(request, target);
    proxy(request, response);
  }

  for (const feed of ['packages.xml', 'updates.xml']) {
    router.get(`/rss/${feed}`, (request, response) => pass(request, response, `/rss/${feed}`));
  }
  const byProject = ['/rss/project/:project/releases.xml', '/integrity/:project/:version/:filename/provenance'];
  router.get(byProject, async (request, response) => {
    // Express gives text for each `:name` of a path.
    const { project = '', version = '', filename = '' } = request.params as Readonly<Record<string, string>>;
    const facts = await findOwned(project, passThrough.upstream, deps);
    const target = facts === undefined ? undefined : makeTarget(facts.project.project, version, filename);
    const refused = facts === undefined || target === undefined ? undefined : await findRefused(facts, filename, deps);
    if (refused === undefined) pass(request, response, target);
    else sendRefused(request, response, refused);
  });
  return router;
}
