// Owns how a call is kept from being noticed: beside the program's own work, its failures unsaid. May import python. Start at isQuiet.
import type { ExceptHandler, Node, Stmt } from '../python/ast.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import type { Site } from '../python/flow/value.ts';
import { walk } from '../python/walk.ts';

/** What starts work that nobody waits for. */
const BESIDE =
  /^(?:await\s+)?[\w.]*\b(?:Thread|Timer|Process|start_new_thread|create_task|ensure_future|run_in_executor|submit|call_soon\w*|call_later|spawn\w*|add_task|apply_async|register)\s*\(/;

/** Whether a call is made beside what the program does, or whether nobody hears that it failed. */
export function isQuiet({ site, frames }: CallEvent): boolean {
  if (frames.some(({ site: { unit, node } }) => BESIDE.test(unit.text.slice(node.start, node.start + 200))))
    return true;
  return frames.some(({ node }, i) => isHushed(node, (frames[i + 1]?.site ?? site).node));
}

/** Whether no statement of the archive looks at what a function gives that only hands on the answer of a call. */
export function isHandedToNobody({ site, frames }: CallEvent, discarded: WeakSet<Node>): boolean {
  let inner: Site = site;
  for (const { site: caller } of frames.toReversed()) {
    if (!isReturned(inner)) return false;
    if (discarded.has(caller.node)) return true;
    inner = caller;
  }
  return false;
}

/** `return requests.post(…)`, `return post(…).json()`. */
function isReturned({ unit, node }: Site): boolean {
  return /(?:^|[\n:;])[ \t]*return[ \t]+(?:await[ \t]+)?$/.test(
    unit.text.slice(Math.max(0, node.start - 120), node.start),
  );
}

/** Whether nothing is asked of an answer but whether it came: `post(…).ok`, `with … as answer: return answer.status`. */
export function isAskedForNoMore({ site: { unit, node }, frames }: CallEvent): boolean {
  const isLast = /^\s*\.\s*(?:ok|status|status_code)\b/.test(unit.text.slice(node.end, node.end + 40));
  const body = frames.at(-1)?.node;
  if (isLast || body === undefined) return isLast;
  let isFound = false;
  walk(body, (part) => {
    if (isFound || part.end < node.start || part.start > node.end) return false;
    if (part.kind !== 'With' && part.kind !== 'AsyncWith') return undefined;
    const item = part.items.find(({ context_expr: made }) => made.start <= node.start && node.end <= made.end);
    const name = item?.optional_vars?.kind === 'Name' ? item.optional_vars.id : undefined;
    isFound = name !== undefined && part.body.every((one) => looksAtStatusAlone(one, name));
    return undefined;
  });
  return isFound;
}

function looksAtStatusAlone(statement: Stmt, name: string): boolean {
  let isAlone = true;
  const seen = new Set<Node>();
  walk(statement, (node) => {
    if (node.kind === 'Attribute' && node.value.kind === 'Name' && node.value.id === name) {
      seen.add(node.value);
      isAlone &&= /^(?:ok|status|status_code|raise_for_status|release)$/.test(node.attr);
    } else if (node.kind === 'Name' && node.id === name) isAlone &&= seen.has(node);
    return undefined;
  });
  return isAlone;
}

/** Whether a place in a function stands in a `try` that says nothing of any failure. */
function isHushed(body: Node, place: Node): boolean {
  let isFound = false;
  walk(body, (node) => {
    if (isFound || node.end < place.start || node.start > place.end) return false;
    if (node.kind === 'Try' || node.kind === 'TryStar')
      isFound ||= node.handlers.length > 0 && covers(node.body, place) && node.handlers.every(isSilent);
    else if (node.kind === 'With')
      isFound ||= covers(node.body, place) && node.items.some((item) => isSuppress(item.context_expr));
    return undefined;
  });
  return isFound;
}

function covers(body: readonly Stmt[], place: Node): boolean {
  const [first] = body;
  const last = body.at(-1);
  return first !== undefined && last !== undefined && first.start <= place.start && place.end <= last.end;
}

function isSuppress(node: Node): boolean {
  if (node.kind !== 'Call') return false;
  const { func } = node;
  return (func.kind === 'Name' ? func.id : func.kind === 'Attribute' ? func.attr : '') === 'suppress';
}

function isSilent({ body }: ExceptHandler): boolean {
  return body.every((statement) => {
    switch (statement.kind) {
      case 'Pass':
      case 'Continue':
      case 'Break':
        return true;
      case 'Expr':
        return statement.value.kind === 'Constant';
      case 'Return':
        return statement.value === undefined || isBlank(statement.value);
      default:
        return false;
    }
  });
}

function isBlank(node: Node): boolean {
  if (node.kind === 'Constant') return true;
  if (node.kind === 'List' || node.kind === 'Tuple') return node.elts.length === 0;
  return node.kind === 'Dict' && node.keys.length === 0;
}
