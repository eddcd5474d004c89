// Owns functions of the archive that a client calls when a message comes in: handlers of bots, sockets and queues.
// May import machine. Start at noteHandlers and followHandlers.
import { hasKeyBehind, placeBehind } from './clients.ts';
import { symbolicArguments } from './functions.ts';
import { isUnasked, type Machine, originTaint } from './machine.ts';
import { LABEL, unite } from './taint.ts';
import {
  type ExternalCall,
  type FunctionValue,
  type InstanceValue,
  type RefValue,
  type Site,
  taintOf,
  type Unit,
  unknown,
  type Value,
} from './value.ts';

/** Libraries whose clients are told by others what there is to do. */
const CLIENTS =
  /^(?:discord|nextcord|disnake|hikari|interactions|telebot|telegram|aiogram|telethon|pyrogram|hydrogram|slack_bolt|slack_sdk|zulip|websocket|websockets|socketio|paho|gmqtt|aiomqtt|stomp|pika|aio_pika|nats|irc|nio|simplematrixbotlib|mattermostdriver|kafka|vk_api|vkbottle|signalrcore|pusher|pysher|ably|twitchio|slixmpp|sleekxmpp)\b/;

/** Methods after which a client waits for messages, or begins to in the background. */
const STARTS =
  /\.(?:run|start|connect|wait|listen|idle|polling|infinity_polling|start_polling|run_polling|executor|run_forever|loop_forever|loop_start|run_until_disconnected|serve_forever|process|call_on_each_message|call_on_each_event|sync_forever|start_consuming|consume|long_polling)$/;

/** What a person who runs the program put in: a bot that logs in with it is that person's. */
const CHOSEN =
  LABEL.secretVariable | LABEL.variable | LABEL.secretParameter | LABEL.parameter | LABEL.file | LABEL.input;

/** The account or the server of a client stands in the code; what it connected to before is known of itself alone. */
function isAuthors(client: ExternalCall, whole: ExternalCall): boolean {
  return hasKeyBehind(whole) || placeBehind(whole) !== undefined || placeBehind(client) !== undefined;
}

/** Methods that a framework calls by their names, or that a decorator handed to it. */
function methodsOf(value: InstanceValue): FunctionValue[] {
  const found: FunctionValue[] = [];
  for (const [name, member] of value.of.members)
    if (member.kind === 'function' && (/^(?:on_|handle_)\w/.test(name) || isDecorated(member)))
      found.push({ ...member, bound: [value, ...member.bound] });
  return found;
}

function isDecorated({ node, decoration }: FunctionValue): boolean {
  return decoration === 'none' && node.kind !== 'Lambda' && node.decorator_list.length > 0;
}

const MAX_HANDLERS = 50;
const handlers = new WeakMap<ExternalCall, FunctionValue[]>();

/** Whether a method is one that makes a client wait for messages. */
export function isClientStart(name: string): boolean {
  return CLIENTS.test(name) && STARTS.test(name);
}

function functionsIn(value: Value, depth = 0): FunctionValue[] {
  if (value.kind === 'function') return [value];
  // `bot.add_cog(Orders(bot))`
  if (value.kind === 'instance') return methodsOf(value);
  if (value.kind === 'union') return value.options.flatMap((option) => functionsIn(option, depth));
  // `CommandHandler('sh', handle)`
  if (value.kind === 'ref' && value.call !== undefined && depth < 2)
    return [...value.call.args, ...value.call.keywords.values()].flatMap((arg) => functionsIn(arg, depth + 1));
  return [];
}

/** The client that a decorator belongs to: `@bot.event`, `@bot.command()`. */
function clientOf(decorator: RefValue): ExternalCall | undefined {
  const { call } = decorator;
  if (call === undefined || !decorator.name.endsWith('()')) return call;
  return call.receiver?.kind === 'ref' ? call.receiver.call : undefined;
}

function add(client: ExternalCall | undefined, given: readonly FunctionValue[]): void {
  if (client === undefined || given.length === 0 || !CLIENTS.test(client.name)) return;
  const known = handlers.get(client);
  if (known === undefined) handlers.set(client, [...given]);
  else if (known.length < MAX_HANDLERS) known.push(...given);
}

/** `@client.on('order')` above a function. */
export function noteDecorated(decorator: RefValue, target: FunctionValue): void {
  add(clientOf(decorator), [target]);
}

/** `client.on_message = handle`. */
export function noteAssigned(client: RefValue, target: FunctionValue): void {
  add(client.call, [target]);
}

/** `client.on('order', handle)`, `application.add_handler(CommandHandler('order', handle))`. */
export function noteHandlers(callee: RefValue, args: readonly Value[], keywords: ReadonlyMap<string, Value>): void {
  if (callee.call === undefined || !CLIENTS.test(callee.call.name)) return;
  add(
    callee.call,
    [...args, ...keywords.values()].flatMap((arg) => functionsIn(arg)),
  );
}

/** Filters of messages by who sent them. */
const SENDERS =
  /^(?:pyrogram|hydrogram|pyrofork|telethon|telegram|aiogram|telebot)\b.*\b(?:filters\.(?:user|User|chat|Chat)|NewMessage)$/;
const fixed = new WeakSet<Unit>();

/** `filters.user([5000000000])`: in this unit, orders are taken from somebody who stands in the code. */
export function noteSenders(
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  { unit }: Site,
): void {
  if (!SENDERS.test(name)) return;
  const who = name.endsWith('NewMessage') ? (keywords.get('from_users') ?? keywords.get('chats')) : args[0];
  if (who !== undefined && isFixed(who)) fixed.add(unit);
}

function isFixed(who: Value): boolean {
  if (who.kind === 'sequence') return who.elements.length > 0 && who.elements.every(isFixed);
  return who.kind === 'int' || (who.kind === 'str' && /^@?\w{4,}$/.test(who.value) && who.value !== 'me');
}

const ADDS = /\.(?:add_handler|add_event_handler|register_message_handler)$/;

/** Whatever client a caller hands over: what such a person writes to it is an order of the author's. */
export function followFixedSenders(machine: Machine, name: string, args: readonly Value[], site: Site): void {
  if (!name.endsWith('_handler') || !ADDS.test(name) || !fixed.has(site.unit)) return;
  const message = originTaint(LABEL.network, site, `a message of ${name}, from somebody who stands in the code`);
  for (const handler of args.flatMap((arg) => functionsIn(arg))) {
    const symbols = symbolicArguments(handler, handler.bound.length);
    machine.call(
      handler,
      symbols.args.map(() => unknown(message)),
      new Map(),
      site,
    );
  }
}

function isChosen(call: ExternalCall, depth = 0): boolean {
  const given = [...call.args, ...call.keywords.values()];
  if (given.some((arg) => (taintOf(arg).bits & CHOSEN) !== 0)) return true;
  const inner = call.receiver?.kind === 'ref' ? call.receiver.call : undefined;
  return inner !== undefined && depth < 6 && isChosen(inner, depth + 1);
}

/**
 * Reads the handlers of a client that begins to listen, with messages from afar as their arguments. Who starts a bot with
 * a key of their own wants to be told what to do; on call, so does who starts one whose account is not told.
 */
export function followHandlers(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): void {
  const client = callee.call;
  if (client === undefined) return;
  const whole = { ...client, args: [...client.args, ...args], keywords: new Map([...client.keywords, ...keywords]) };
  if (isChosen(whole)) return;
  // Whoever calls a function that starts a bot may mean it to be their own, unless it can only be the author's.
  if (!isUnasked(machine.context) && !isAuthors(client, whole)) return;
  const given = [...client.keywords.values()].flatMap((arg) => functionsIn(arg));
  const message = originTaint(LABEL.network, site, `a message of ${name}`);
  // `class Bot(discord.Client)`, and `Bot().run(token)`
  const own = client.receiver?.kind === 'instance' ? methodsOf(client.receiver) : [];
  for (const handler of [...given, ...own, ...(handlers.get(client) ?? [])]) {
    const symbols = symbolicArguments(handler, handler.bound.length);
    machine.call(
      handler,
      symbols.args.map(() => unknown(message)),
      new Map([...symbols.keywords].map(([key, value]) => [key, unknown(unite(message, taintOf(value)))])),
      site,
    );
  }
}
