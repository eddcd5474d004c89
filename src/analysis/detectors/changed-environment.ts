// Owns variables by which the programs that come later are led somewhere else. Start at changedEnvironment.
import { actsIn, weigh } from '../evidence/acts.ts';
import { bytesOf } from '../evidence/bundled.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { hostKind, hostOf } from '../evidence/hosts.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { EVERYDAY_COMMANDS, programPattern } from '../vocabulary/programs.ts';
import { type Claim, type Detector, findingOf } from './detector.ts';

const ID = 'changed-environment';

/** Name code that every program of a kind loads at its start. */
const LOADS =
  /^(?:LD_PRELOAD|LD_AUDIT|DYLD_INSERT_LIBRARIES|BASH_ENV|PROMPT_COMMAND|PYTHONSTARTUP|PERL5OPT|RUBYOPT|NODE_OPTIONS|JAVA_TOOL_OPTIONS|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF|GIT_ASKPASS)$/;
/** Say where programs fetch from, or through whom. */
const LEADS =
  /^(?:(?:https?|all|ftp)_proxy|pip_(?:extra_)?index_url|uv_(?:extra_|default_)?index(?:_url)?|npm_config_registry|goproxy|rustup_dist_server|gem_host|conda_channel_alias|(?:openai|anthropic)_(?:base_url|api_base)|aws_endpoint_url|vault_addr|kubernetes_master)$/i;
/** A place beside the code, or one that anybody may write to. */
const OWN_PLACE = /‹here›|%TEMP%|‹tempfile\.|^\/(?:tmp|var\/tmp|dev\/shm)\//;
const MAX_SCRIPT = 200_000;

/** Commands that a folder of the archive holds: whoever has it first on the path starts them instead of the system's. */
function commandsIn(archive: Evidence, event: CallEvent, path: string): PlacedMember[] {
  const [first = ''] = path.split(/[:;]|‹os\.pathsep›/);
  const folder = /^‹here›[\\/]+([\w./\\-]+)$/.exec(first.trim())?.[1];
  if (folder === undefined) return [];
  const { path: from } = event.site.unit;
  const local = archive.layout.members.find((m) => m.path === from)?.local ?? from;
  const at = `${local.slice(0, local.lastIndexOf('/') + 1)}${folder}/`;
  return archive.layout.members.filter((m) => m.local.startsWith(at) && EVERYDAY.test(m.local.slice(at.length)));
}

const EVERYDAY = programPattern(`(?:${EVERYDAY_COMMANDS})(?:\\.exe|\\.cmd|\\.bat)?`);

function isHarmful(placed: PlacedMember): boolean {
  const text = bytesOf(placed, MAX_SCRIPT)?.toString('latin1') ?? '';
  return (
    weigh(actsIn(text)).isHarmful ||
    (/\b(?:curl|wget|nc)\b/.test(text) && /\$\(env\)|\bprintenv\b|\$HOME\/\./.test(text))
  );
}

function claimOf(archive: Evidence, event: CallEvent): Claim | undefined {
  const [key, value] = event.args;
  if (key?.kind !== 'str' || value === undefined) return undefined;
  const name = key.value;
  const text = textOf(value).slice(0, 2000);
  if ((taintOf(value).bits & (LABEL.parameter | LABEL.variable | LABEL.secretVariable)) !== 0 && name !== 'PATH')
    return undefined;
  if (LOADS.test(name) && OWN_PLACE.test(text))
    return { score: 6, class: 'suspicious', message: `Has programs load what lies beside it (${name}).` };
  if (LEADS.test(name)) {
    const host = hostOf(text) ?? /^([\w.-]+\.[\w-]+)(?::\d+)?$/.exec(text)?.[1] ?? '';
    const kind = hostKind(host);
    if (host === '' || kind === 'local' || kind === 'index' || kind === 'unknown') return undefined;
    const isBare = kind === 'raw-address' || kind === 'tunnel';
    return {
      score: isBare ? 8 : 5,
      class: isBare ? 'malware' : 'suspicious',
      message: `Leads programs to ${host} (${name}).`,
      hosts: [host],
    };
  }
  if (name !== 'PATH') return undefined;
  const commands = commandsIn(archive, event, text);
  const [first] = commands;
  if (first === undefined) return undefined;
  const bad = commands.find((placed) => isHarmful(placed));
  return {
    score: bad === undefined ? 5 : 10,
    class: bad === undefined ? 'suspicious' : 'malware',
    message: `Puts ${(bad ?? first).local} before the system's command of that name.`,
  };
}

/** Variables set at start-up, install or import that decide what other programs load, or whom they talk to. */
export const changedEnvironment: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      if (event.sink !== 'environment' || !isUnasked(event.context)) continue;
      const claim = claimOf(archive, event);
      if (claim !== undefined) findings.push(findingOf(ID, event, claim));
    }
    return findings;
  },
};
