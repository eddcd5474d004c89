// Owns the admin API: resources over values, one line a route. No Express, no sockets: whoever carries it brings a request and
// takes an answer. May import intake, judge, index, ports, policy, pypi. Start at answerAdmin.
import { CordonError } from '../errors.ts';
import type { AdminDeps } from './admin-deps.ts';
import type { AdminAnswer, AdminRequest } from './admin-request.ts';
import { addEntry, listEntries, removeEntry } from './entries.ts';
import { explainSubject } from './explain.ts';
import { findClients, listEvents } from './records.ts';
import { changeSetting, clearSetting, listSettings, readSetting } from './settings.ts';
import { readStatus } from './status.ts';
import { verifyStores } from './verify.ts';

type Route = (request: AdminRequest, deps: AdminDeps) => Promise<unknown>;

function textOf(body: unknown, key: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** `METHOD resource` → what it does; `:id` takes one segment. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET entries': ({ query }, deps) => listEntries(query['project'], deps),
  'POST entries': ({ body, actor }, deps) => addEntry(body, actor, deps),
  'DELETE entries/:id': ({ path, query, actor }, deps) => removeEntry(path[1] ?? '', query['reason'], actor, deps),
  'GET decisions': ({ query }, deps) => explainSubject(query['subject'] ?? '', deps),
  'GET clients': ({ query }, deps) => findClients(query, deps),
  'GET events': ({ query }, deps) => listEvents(query, deps),
  'GET settings': (_, deps) => listSettings(deps),
  'GET settings/:id': ({ path }, deps) => readSetting(path[1] ?? '', deps),
  'PUT settings/:id': ({ path, body, actor }, deps) => changeSetting(path[1] ?? '', body, actor, deps),
  'DELETE settings/:id': ({ path, query, actor }, deps) => clearSetting(path[1] ?? '', query['reason'], actor, deps),
  'GET status': (_, deps) => readStatus(deps),
  'GET feeds': (_, deps) => deps.feeds.list(),
  'POST feeds/sync': async (_, deps) => {
    await deps.feeds.sync();
    return deps.feeds.list();
  },
  'POST feeds/clear': async ({ body, actor }, deps) => {
    const reason = textOf(body, 'reason')?.trim() ?? '';
    if (reason === '') throw new CordonError('BAD_REQUEST', 'say why');
    await deps.feeds.clear({ actor, reason: reason.slice(0, 500) });
    return deps.feeds.list();
  },
  'POST feeds/import': async ({ body, isLocal, actor }, deps) => {
    const file = textOf(body, 'file');
    // Over the network a path would let a token read files of this machine.
    if (!isLocal) throw new CordonError('FORBIDDEN', 'a feed is imported by the CLI on the server itself');
    if (file === undefined) throw new CordonError('BAD_REQUEST', 'name the file');
    return { records: await deps.feeds.importArchive(file, actor) };
  },
  'GET rules': async (_, deps) => ({ ruleset: deps.scanner.ruleset }),
  'GET verify': async (_, deps) => ({ progress: deps.verifyWatch.read() }),
  'POST verify': ({ query, actor }, deps) => verifyStores(query['repair'] === '1', actor, deps),
  'POST gc': (_, deps) => deps.collectGarbage(),
};

function findRoute(request: AdminRequest): Route | undefined {
  const [resource, second] = request.path;
  if (request.path.length > 2) return undefined;
  const exact = `${request.method} ${request.path.join('/')}`;
  const byId = second === undefined ? undefined : ROUTES[`${request.method} ${resource ?? ''}/:id`];
  return Object.hasOwn(ROUTES, exact) ? ROUTES[exact] : byId;
}

/**
 * Answers one request. The caller has made sure who asks.
 *
 * @throws CordonError NOT_FOUND, METHOD, BAD_REQUEST, CONFLICT and what the ports throw
 */
export async function answerAdmin(request: AdminRequest, deps: AdminDeps): Promise<AdminAnswer> {
  const route = findRoute(request);
  if (route === undefined) {
    const isKnown = Object.keys(ROUTES).some((key) => key.split(' ')[1]?.split('/')[0] === request.path[0]);
    throw isKnown
      ? new CordonError('METHOD', `${request.method} does not fit this resource`)
      : new CordonError('NOT_FOUND', 'there is no such resource');
  }
  const value = await route(request, deps);
  const isCreated = typeof value === 'object' && value !== null && 'wasThere' in value && value.wasThere === false;
  return { status: isCreated ? 201 : 200, value };
}
