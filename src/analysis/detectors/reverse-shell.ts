// Owns shells handed to a socket. Start at reverseShell.
import type { CallEvent } from '../python/flow/machine.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'reverse-shell';
const SHELL = /(?:^|[\\/\s"'])(?:sh|bash|zsh|dash|cmd|cmd\.exe|powershell|powershell\.exe)(?:$|[\s"'])/i;

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
    for (const events of byRoot.values()) {
      const connect = events.find((e) => /^socket\.(?:socket\(\)\.connect|create_connection)/.test(e.name));
      if (connect === undefined) continue;
      const dup = events.filter((e) => e.name === 'os.dup2');
      const shell = events.find(
        (e) => e.sink === 'process' && (e.name === 'pty.spawn' || SHELL.test(archive.commands.get(e)?.text ?? '')),
      );
      if (dup.length < 2 && !(shell !== undefined && shell.name === 'pty.spawn')) continue;
      const traffic = archive.traffic.get(connect);
      const unasked = isUnasked((shell ?? dup[0] ?? connect).context);
      findings.push(
        findingOf(ID, shell ?? dup[0] ?? connect, {
          score: unasked ? 12 : 8,
          class: unasked ? 'malware' : 'suspicious',
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
