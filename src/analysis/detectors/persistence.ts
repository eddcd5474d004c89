// Owns things put where they start again by themselves. Start at persistence.
import type { CallEvent } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'persistence';
const PLACES =
  /(?:start menu[\\/]+programs[\\/]+startup|[\\/]startup[\\/]|launchagents|launchdaemons|\/etc\/(?:cron|init\.d|systemd|profile|rc\.local|ld\.so\.preload)|\.config[\\/]+(?:systemd|autostart)|systemd[\\/]+(?:user|system)[\\/]|crontab|(?:~|%HOME%|%USERPROFILE%|\/home\/[^/]+|\/root|\/Users\/[^/]+)[\\/]\.(?:bashrc|bash_profile|zshrc|profile|zprofile)$|(?:^|[\\/])(?:sitecustomize|usercustomize)\.py$|\.pth$|\.cursorrules$|\.(?:claude|cursor|windsurf|github)[\\/].*(?:rules|instructions)|\.git[\\/]hooks[\\/]|authorized_keys|discord_desktop_core|app\.asar|currentversion\\+run)/i;

function textsOf(event: CallEvent): string {
  return event.args
    .slice(0, 4)
    .map((a) => textOf(a).slice(0, 600))
    .join('\n');
}

/** Start-up folders, agents, services, shell profiles and registry keys that are written. */
export const persistence: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const isWriting =
        event.sink === 'write' || event.sink === 'copy' || event.sink === 'registry' || event.sink === 'persist';
      if (!isWriting) continue;
      if (
        event.sink === 'registry' &&
        /Open|Query/.test(event.name) &&
        !/SetValue|Create/.test(event.name) &&
        !/\\Run\b/i.test(textsOf(event))
      )
        continue;
      const text =
        event.sink === 'write'
          ? textOf(event.args[0] ?? { kind: 'none', taint: { bits: 0, origins: [] } }).slice(0, 600)
          : textsOf(event);
      const hit = event.sink === 'persist' ? event.name : PLACES.exec(text)?.[0];
      if (hit === undefined) continue;
      const unasked = isUnasked(event.context);
      findings.push(
        findingOf(ID, event, {
          score: unasked ? 8.5 : 4,
          class: unasked ? 'malware' : 'suspicious',
          message: `Puts something where it starts by itself (${hit.slice(0, 60)}).`,
        }),
      );
    }
    return findings;
  },
};
