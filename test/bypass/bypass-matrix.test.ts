// Asks for the bytes of a file in every state by every route, of the built server. No withheld byte may leave, and no client
// is sent to another origin. docs/bypass-matrix.md is written from this run: `UPDATE_DOCS=1 npm test -- test/bypass`.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeFile, type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { pathOf } from '../fakes/fake-pypi-pages.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';
import { type Ask, ROUTES } from './routes.ts';
import { STATES } from './states.ts';

const document = fileURLToPath(new URL('../../docs/bypass-matrix.md', import.meta.url));

interface Heard {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Buffer;
}

/** Sends the path as it is written: fetch() would tidy dot segments and backslashes away. */
function send(server: RunningServer, ask: Ask): Promise<Heard> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method: ask.method, path: ask.path, headers: ask.headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(ask.body);
  });
}

/** Says whether any 48 bytes in a row of the file are in the answer (or all of it, when it is shorter): a refusal may name a member. */
function leaks(body: Buffer, file: FakeFile): boolean {
  const bytes = Buffer.from(file.bytes);
  for (let at = 0; at + 48 <= bytes.length; at += 8) if (body.includes(bytes.subarray(at, at + 48))) return true;
  return body.length > 0 && body.length < 48 && bytes.includes(body);
}

let pypi: FakePypi;
let server: RunningServer;
const files = new Map<string, FakeFile>();
const paths = new Map<string, string>();
const heard = new Map<string, Heard>();

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  server = await startServer(pypi, { pages: { freshSeconds: 0 } });
  for (const state of STATES) {
    const file = await state.arrange(pypi, server);
    files.set(state.id, file);
    paths.set(state.id, new URL(pathOf(file), `${pypi.fileOrigin}/`).pathname);
  }
}, 60_000);

afterAll(async () => {
  await server.close();
  await pypi.close();
});

describe.each(STATES)('a file that is $id', (state) => {
  test.each(ROUTES)(
    'by $id',
    async (route) => {
      const file = files.get(state.id) as FakeFile;
      const path = paths.get(state.id) as string;
      const sha256 = createHash('sha256').update(file.bytes).digest('hex');

      const answer = await send(server, route.ask(path, sha256));

      heard.set(`${state.id} ${route.id}`, answer);
      expect(answer.status, 'never a failure of ours').not.toBe(500);
      if (answer.location !== undefined) expect(new URL(answer.location, server.url).origin).toBe(server.url);
      if (state.isServed && route.gives === 'bytes') {
        expect([200, 206]).toContain(answer.status);
        expect(leaks(answer.body, file)).toBe(true);
      } else {
        expect(leaks(answer.body, file)).toBe(false);
        if (!state.isServed && route.gives !== 'attestation')
          expect([301, 308, 307, 400, 403, 404, 405, 416, 421, 502, 204]).toContain(answer.status);
      }
    },
    30_000,
  );
});

describe.each(STATES)('the page of a project whose file is $id', (state) => {
  test.each([
    ['JSON', 'application/vnd.pypi.simple.v1+json', (project: string) => `/simple/${project}/`],
    ['HTML', 'text/html', (project: string) => `/simple/${project}/`],
    ['JSON API', 'application/json', (project: string) => `/pypi/${project}/json`],
  ])('in %s', async (_format, accept, pathOfPage) => {
    const file = files.get(state.id) as FakeFile;

    const answer = await send(server, { method: 'GET', path: pathOfPage(state.project), headers: { accept } });

    expect([200, 404]).toContain(answer.status);
    if (!pathOfPage(state.project).startsWith('/pypi/'))
      expect(answer.body.includes(file.filename)).toBe(state.isListed);
    else if (!state.isListed) expect(answer.body.includes(file.filename)).toBe(false);
    expect(answer.body.includes(pypi.fileOrigin)).toBe(false);
  });
});

test('docs/bypass-matrix.md says what was just measured', () => {
  const head = `| route | ${STATES.map((state) => state.id).join(' | ')} |\n|---|${STATES.map(() => '---').join('|')}|\n`;
  const rows = ROUTES.map(
    (route) =>
      `| ${route.title} | ${STATES.map((state) => heard.get(`${state.id} ${route.id}`)?.status ?? '?').join(' | ')} |`,
  );
  const legend = STATES.map((state) => `- **${state.id}**: ${state.title}`);
  const text = `# Bypass matrix\n\nEvery route to the bytes of a file, in every state it can be in, asked of the built server: the status that came back. A cell of a state\nthat is not *allowed* never carries a byte of the file, nor a redirect to another origin. Written by \`UPDATE_DOCS=1 npm test -- test/bypass\`;\nthe test fails when this page and the server differ.\n\n${legend.join('\n')}\n\n${head}${rows.join('\n')}\n`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(document, text);
  expect(readFileSync(document, 'utf8')).toBe(text);
});
