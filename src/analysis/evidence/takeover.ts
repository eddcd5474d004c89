// Owns command lines that hand a machine, its accounts or its later downloads to somebody else. May import downloads.ts.
// Start at takeoverIn.
import { WINDOWS_PROGRAMS, WINDOWS_SCRIPTS } from '../vocabulary/endings.ts';
import { type AttackLine, type AttackPattern, STARTED } from './attack-lines.ts';
import { isFetchedAndStarted, MAX_LINE } from './downloads.ts';

/** Linear patterns, for text of at most 20,000 characters. */
const TAKEOVERS: readonly AttackPattern[] = [
  {
    test: /\bssh(?:\.exe)?\s(?:[^\n;&|]{0,200}\s)?-\w{0,4}R\s{0,3}[\w.:[\]]*\d|\b(?:tmate|sshx|upterm|tty-share|gs-netcat|gsocket\.io|teleconsole)\b|\bngrok(?:\.exe)?\s+tcp\s|\b(?:anydesk|rustdesk)[^\n]{0,200}--(?:set-)?password|\bad(?:\.exe)?\s+--set-password|\bcode(?:\.exe)?\s+tunnel\b|\bchisel(?:\.exe)?\s+client\s/i,
    points: 9,
    what: 'a way into the machine from outside',
    isOrdinaryOnCall: true,
  },
  {
    test: new RegExp(
      `(?:^|[\\s"'=(,])\\\\\\\\(?![.?]\\\\|localhost|wsl)[\\w.-]{1,100}(?:@\\w{1,10})?\\\\[^\\s"']{0,200}\\.(?:${WINDOWS_PROGRAMS}|${WINDOWS_SCRIPTS}|dll|cpl|msi|com|js|pyw?)\\b`,
      'i',
    ),
    points: 9,
    what: 'a program that lies on another machine',
  },
  {
    test: /\b(?:docker|podman|nerdctl)\s[^\n;&|]{0,80}\brun\s[^\n;|]{0,200}(?:--privileged\b|(?:-v|--volume)[\s=]+\/:\/|(?:-v|--volume)[\s=]+\/(?:root|etc|home)\b)/i,
    points: 8,
    what: 'a container that holds the whole machine',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bchmod\s+(?:-\w+\s+)*(?:[ug]+\+\w*s\b|0?[4267]7[0-7]{2}\b)|(?:>>?|\btee\s+(?:-a\s+)?)\s*\/etc\/(?:sudoers|passwd|shadow)\b|\bNOPASSWD\s*:\s*ALL\b/i,
    points: 9,
    what: 'rights that were not given',
    says: 'Gives itself rights on the machine that it was not given.',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bsc(?:\.exe)?\s+create\s+\S+[^\n]{0,60}\bbinpath\s*=|\bNew-Service\b|\bnssm(?:\.exe)?\s+install\b|\bRegister-ScheduledTask\b|\b__EventFilter\b|\bCommandLineEventConsumer\b/i,
    points: 9,
    what: 'something that starts again by itself',
    says: 'Sets something up that starts again by itself.',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bnetsh\s+advfirewall\s+firewall\s+add\s+rule\b[^\n]{0,200}\bdir\s*=\s*in\b|\bNew-NetFirewallRule\b[^\n]{0,200}\bInbound\b/i,
    points: 8,
    what: 'a gap in the firewall',
    says: 'Opens the firewall to the outside.',
    isOrdinaryOnCall: true,
  },
  {
    test: /\breg(?:\.exe)?\s+save\s+["']?HK(?:LM|EY_LOCAL_MACHINE)\\+(?:SAM|SYSTEM|SECURITY)\b|\bprocdump[^\n]{0,60}\blsass\b|\bcomsvcs\.dll\b[^\n]{0,40}\bMiniDump\b|\bsecurity\s+dump-keychain\b|\bsecurity\s+find-generic-password\b[^\n]{0,80}(?:chrome|brave|edge|safe storage)|\bcmdkey(?:\.exe)?\s+\/list\b|\bvaultcmd(?:\.exe)?\s+\/list|\bosascript\b[^\n]{0,300}\bhidden answer\b|\bget-storedcredential\b/i,
    points: 9,
    what: 'a reader of passwords',
    says: "Reads the system's or a person's passwords.",
    isOrdinaryOnCall: true,
  },
  {
    test: /\b(?:claude|gemini|codex|cursor-agent|aider|copilot|opencode|amp|qwen|goose|crush|q\s+chat)\b[^\n]{0,400}?(?:--dangerously-(?:skip-permissions|bypass-approvals-and-sandbox)|--yolo\b|--trust-all-tools|--allow-all-tools|--full-auto\b|--yes-always)/i,
    points: 9,
    what: 'an assistant that is allowed everything',
    isOrdinaryOnCall: true,
  },
  {
    test: /\b(?:pip[\d.]*|uv)\s+config\s+(?:--\w+\s+)*set\s+\S*(?:index-url|trusted-host|find-links|proxy)\b|\b(?:npm|yarn|pnpm)\s+config\s+set\s+(?:registry|proxy|https-proxy)\b|\bgit\s+config\s+(?:\S+\s+)*--(?:global|system)\s+(?:\S+\s+)*["']?(?:url\.\S{1,200}\.(?:insteadOf|pushInsteadOf)|https?\.(?:\S{1,100}\.)?proxy|http\.sslVerify\s+false)/i,
    points: 8,
    what: 'later downloads led somewhere else',
    says: 'Leads what is downloaded later somewhere else.',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bpip[\d.]*\s+freeze\b[^\n]{0,80}\|[^\n]{0,60}\buninstall\b|\bpip[\d.]*\s+uninstall\s[^\n;&|]{0,40}(?:-r\s|\$\(|`)/i,
    points: 9,
    what: 'the removal of everything that is installed',
    says: 'Removes the projects that are installed.',
    isOrdinaryOnCall: true,
  },
  {
    test: /\btwine\s+upload\b|\b(?:npm|pnpm|yarn)\s+publish\b|\b(?:poetry|flit|hatch|uv|pdm)\s+publish\b|\bgh\s+(?:repo|gist)\s+create\b/i,
    points: 8,
    what: 'a publication in the name of the user',
    isOrdinaryOnCall: true,
    isOfAuthor: true,
  },
  {
    test: /\brundll32(?:\.exe)?\s+["']?[^\s"',]{1,200}\.(?!dll|cpl|ocx|drv|scr)[a-z0-9]{1,8}["']?,\s?#?\w|\bregsvr32(?:\.exe)?\s+(?:\/\w\s+)*["']?[^\s"',/]{1,200}\.(?!dll|ocx|cpl)[a-z0-9]{1,8}\b/i,
    points: 9,
    what: 'a library under the name of something else',
  },
  {
    test: /\bhistory\s+-c\b|\brm\s+(?:-\w+\s+)*\S*\.(?:bash|zsh|sh)_history\b|\bunset\s+HISTFILE\b|\bHISTFILE=\/dev\/null|\bwevtutil(?:\.exe)?\s+cl\b|\bClear-EventLog\b/i,
    points: 7,
    what: 'the removal of traces',
    says: 'Removes traces of what was run.',
    isOrdinaryOnCall: true,
  },
  {
    // into a folder that is hidden or thrown away, or started where nobody sees it
    test: /\bgit\s+(?:-\S+\s+)*clone\s[^\n;&|]{1,300}(?:\s|["'])(?:\/(?:var\/)?tmp\/\.|~\/\.|\$HOME\/\.|\/dev\/shm\/|%TEMP%)[^\n;&|]{0,100}(?:&&|;)[^\n]{0,200}?(?:^|[\s;&])(?:python[\d.]*w?|%python%|bash|sh|zsh|node)\s+[\w./~$%-]*\w/i,
    points: 9,
    what: 'what it cloned out of sight before',
    isOrdinaryOnCall: true,
  },
  {
    test: /\bgit\s+(?:-\S+\s+)*clone\s[^\n;&|]{1,300}(?:&&|;)[^\n]{0,200}?(?:^|[\s;&])(?:python[\d.]*w?|%python%|bash|sh|zsh|node)\s+(?!setup\.py|-m\s+(?:pip|build)\b)[\w./~$%-]*\w/i,
    points: 5,
    what: 'what it cloned before',
    isOrdinaryOnCall: true,
  },
];

const FETCHED_AND_STARTED: AttackLine = { points: 9, what: STARTED };

/**
 * What a command line takes over; undefined for most. The first that fits is told, since each says enough by itself: of
 * attack-lines.ts the heaviest is.
 */
export function takeoverIn(line: string): AttackLine | undefined {
  const text = line.slice(0, MAX_LINE);
  return TAKEOVERS.find(({ test }) => test.test(text)) ?? (isFetchedAndStarted(text) ? FETCHED_AND_STARTED : undefined);
}
