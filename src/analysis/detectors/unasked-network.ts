// Owns requests that nobody asked for: at start-up, install or import. Start at unaskedNetwork.
import type { Evidence } from '../evidence/evidence.ts';
import { isThrowaway } from '../evidence/hosts.ts';
import type { Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, hostName, isBareStatement, momentOf, verbOf } from './detector.ts';

const ID = 'unasked-network';

function points(event: CallEvent, { kind, isPrivate, host, address }: Traffic): number {
  const isImport = event.context === 'import';
  if (event.sink === 'dns') {
    if (kind === 'local' || host === '') return 0;
    // Whether the network is there: its answer is all there is to it, and a well-known house learns nothing.
    if (isImport && !address.includes('‹') && (kind === 'code-host' || kind === 'index')) return 2;
    return kind === 'callback' || isThrowaway(kind) ? 10 : address.includes('‹') ? 7 : isImport ? 5 : 6;
  }
  switch (kind) {
    case 'local':
      return 0;
    case 'callback':
      return 10;
    case 'webhook':
    case 'paste':
    case 'tunnel':
    case 'shortener':
      return 10;
    case 'raw-address':
      return isImport && DATA_BASES.test(event.name) ? DATA_BASE_POINTS : 10;
    case 'cheap-name':
      return isImport ? 4 : 6;
    case 'free-hosting':
    case 'file-host':
      return isImport ? 5 : 8;
    case 'messenger':
      return isPrivate ? 10 : isImport ? 2 : 5;
    case 'address-service':
      return isImport ? 3 : 5;
    case 'code-host':
      return isImport ? 1 : 3;
    case 'index':
      return 1;
    case 'unknown':
      return isImport ? 1 : 2;
    case 'plain':
      return isImport ? 2 : 3.5;
  }
}

/** Requests whose answer is a file. */
const FETCHES = /retrieve|download|clone|wget|login|connect|socket|setopt|perform/i;

/** Browsers that a program drives hold the page that they were sent to. */
const BROWSERS = /webdriver|selenium|playwright|pyppeteer|splinter|mechani[zc]|RoboBrowser|DrissionPage|nodriver/i;

/** It signs in as its user, or a variable of the environment forbids it: no beacon does either. */
const FORBIDS =
  /(?:NO|NOT|DISABLE|OPT_?OUT|ALLOW|ENABLE)\w{0,20}(?:TRACK|TELEMETRY|ANALYTICS|STATS|USAGE|METRICS)|(?:TRACK|TELEMETRY|ANALYTICS|STATS|USAGE|METRICS)\w{0,20}(?:OFF|OPT_?OUT|DISABLED?|ENABLED?)/i;

function isOfUser({ keywords, guards }: CallEvent): boolean {
  const auth = keywords.get('auth');
  if (auth !== undefined && auth.kind !== 'none' && (textOf(auth).includes('‹') || taintOf(auth).bits !== 0))
    return true;
  return guards.some((guard) => /environ|getenv/.test(guard.text) && FORBIDS.test(guard.text));
}

/** A session keeps what the first request of it brought, for another whose answer is looked at. */
function isKeptInSession({ traffic }: Evidence, event: CallEvent): boolean {
  const session = event.receiver?.kind === 'ref' ? event.receiver.call : undefined;
  if (session === undefined || !/Session\b|Client$/.test(session.name)) return false;
  for (const [other] of traffic) {
    const isSame = other.receiver?.kind === 'ref' && other.receiver.call === session;
    if (isSame && other !== event && other.site.node !== event.site.node && !other.isDiscarded) return true;
  }
  return false;
}

/** Clients of data bases: a program that opens its own is no beacon, wherever it stands; what it sends is another matter. */
const DATA_BASES =
  /^(?:pymysql|MySQLdb|mysql\.connector|psycopg2?|asyncpg|aiomysql|pymongo|motor|redis|pymssql|pyodbc|cx_Oracle|oracledb|peewee|sqlalchemy|clickhouse_driver|influxdb\w*|elasticsearch|cassandra)\b/;
const DATA_BASE_POINTS = 6;

/** A request whose answer nobody looks at has one reader: whoever owns the host learns that it was sent. */
function signal(archive: Evidence, event: CallEvent, { kind }: Traffic): number {
  if (event.sink !== 'network' || event.context === 'start-up' || FETCHES.test(event.name) || BROWSERS.test(event.name))
    return 0;
  if (kind !== 'plain' && kind !== 'cheap-name' && kind !== 'free-hosting') return 0;
  if (!isBareStatement(event) || isOfUser(event) || isKeptInSession(archive, event)) return 0;
  return event.context === 'import' ? 6 : 10;
}

/** A page that comes up before whoever installs: nobody's build needs it, though placeholders point at the project that was meant. Of who opens one at import some mean a joke. */
function pageOpened(event: CallEvent, { kind, host }: Traffic): number {
  if (!event.name.startsWith('webbrowser') || host === '' || host.includes('‹') || kind === 'local') return 0;
  return event.context === 'install' ? 4 : 3.5;
}

/** What such a request keeps where another module makes it; what the test itself does is calmed like all suspicions there. */
const IDLE_POINTS = 6;

/** A test of a client that nothing in the archive imports, and that tells nothing of this machine. */
function isIdleTrial({ idleTests }: Evidence, { root, context }: CallEvent, { sent, headers }: Traffic): boolean {
  return context === 'import' && idleTests.has(root) && ((sent.bits | headers.bits) & ~LABEL.parameter) === 0;
}

/** Network traffic without anybody's doing; the host's kind decides how much it weighs. */
export const unaskedNetwork: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, traffic] of archive.traffic) {
      if (!isUnasked(event.context)) continue;
      const score =
        event.sink === 'browser'
          ? pageOpened(event, traffic)
          : Math.max(points(event, traffic), signal(archive, event, traffic));
      if (score <= 0) continue;
      const isTrial = isIdleTrial(archive, event, traffic);
      findings.push(
        findingOf(ID, event, {
          score: isTrial && !archive.idleTests.has(event.site.unit.path) ? Math.min(score, IDLE_POINTS) : score,
          class: score >= 7 && !isTrial ? 'malware' : 'suspicious',
          message: `${verbOf(event)} ${hostName(traffic)} (${traffic.kind}) ${momentOf(event)}.`,
          sources: traffic.sent,
          hosts: [traffic.host],
        }),
      );
    }
    return findings;
  },
};
