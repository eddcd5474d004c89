// Owns shells handed to a socket. Start at reverseShell.
import type { Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { optionsOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { SHELLS, WINDOWS_SHELLS } from '../vocabulary/programs.ts';
import { type Claim, type Detector, findingOf } from './detector.ts';

const ID = 'reverse-shell';
const SHELL = new RegExp(`(?:^|[\\\\/\\s"'])(?:${SHELLS}|(?:${WINDOWS_SHELLS})(?:\\.exe)?)(?:$|[\\s"'])`, 'i');

const STREAMS = ['stdin', 'stdout', 'stderr'];

/** `stdin=s`, `stdin=s.fileno()`, `stdout=s.makefile()`: at least one way in or out is a connection. */
function isOnSocket({ keywords }: CallEvent): boolean {
  return STREAMS.some((key) => {
    const value = keywords.get(key);
    return value !== undefined && optionsOf(value).some((o) => o.kind === 'ref' && /^socket\.socket\(\)/.test(o.name));
  });
}

/** A host that stands in the code is nobody's choice but the author's; tools of testers are told where to. */
function weightOf(event: CallEvent, traffic?: Traffic): Pick<Claim, 'score' | 'class'> {
  const isFixed =
    traffic !== undefined && traffic.host !== '' && traffic.kind !== 'local' && traffic.kind !== 'unknown';
  if (isFixed && !isUnasked(event.context)) return { score: 10, class: 'malware' };
  return isUnasked(event.context) ? { score: 12, class: 'malware' } : { score: 8, class: 'suspicious' };
}

/** `os.dup2(0, 1)`, `os.dup2(os.open(os.devnull, …), 1)`, one end of a `socketpair`: what a daemon does with streams of its own. */
function isOwnStream({ args: [from] }: CallEvent): boolean {
  if (from?.kind === 'int') return Number(from.value) <= 2;
  return from?.kind === 'ref' && /^(?:os\.open\(\)$|socket\.socketpair\(\))/.test(from.name);
}

/** A socket's descriptor put in the place of the standard streams, and a shell started on them. */
export const reverseShell: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    const byRoot = new Map<string, CallEvent[]>();
    for (const event of archive.events) {
      const key = `${event.site.unit.path}\0${event.root}`;
      const known = byRoot.get(key);
      if (known === undefined) byRoot.set(key, [event]);
      else known.push(event);
    }
    for (const event of archive.events) {
      if (event.sink !== 'process' || !isOnSocket(event)) continue;
      const { name } = event;
      if (name !== 'pty.spawn' && !SHELL.test(archive.commands.get(event)?.text ?? '')) continue;
      findings.push(
        findingOf(ID, event, { ...weightOf(event), message: 'Starts a shell whose streams are a socket.' }),
      );
    }
    for (const events of byRoot.values()) {
      const connect = events.find((e) => /^socket\.(?:socket\(\)\.connect|create_connection)/.test(e.name));
      if (connect === undefined) continue;
      const dup = events.filter((e) => e.name === 'os.dup2' && !isOwnStream(e));
      const shell = events.find(
        (e) => e.sink === 'process' && (e.name === 'pty.spawn' || SHELL.test(archive.commands.get(e)?.text ?? '')),
      );
      if (dup.length < 2 && !(shell !== undefined && shell.name === 'pty.spawn')) continue;
      const traffic = archive.traffic.get(connect);
      findings.push(
        findingOf(ID, shell ?? dup[0] ?? connect, {
          ...weightOf(shell ?? dup[0] ?? connect, traffic),
          message: 'Hands a shell to a socket.',
          ...(traffic === undefined ? {} : { hosts: [traffic.host] }),
          links: [
            {
              role: 'source',
              path: connect.site.unit.path,
              line: connect.site.node.line,
              text: `connects to ${traffic?.address ?? 'a host'}`,
            },
          ],
        }),
      );
    }
    return findings;
  },
};
