// Owns command lines that send: by which programs, what a shell fills in, which files, whither. May import python. Start at isSender.

import type { CallEvent } from '../python/flow/machine.ts';
import { CLEAN, LABEL, PRIVATE, type Taint, unite } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { HTTP_CLIENTS, NAME_LOOK_UPS, NETCATS, WEB_CMDLETS } from '../vocabulary/programs.ts';
import type { Command } from './command.ts';
import type { Evidence } from './evidence.ts';

/** Programs that reach the network, at the start of a command. */
const SENDERS = new RegExp(
  `(?:^|[;&|(\`"']\\s*|\\s-c\\s+|\\$\\()(?:\\S*[\\\\/])?(?:${HTTP_CLIENTS}|${WEB_CMDLETS}|${NETCATS}|${NAME_LOOK_UPS}|telnet|scp|s?ftp|rsync)(?:\\.exe)?\\s|\\bgit\\s+(?:-\\S+\\s+)*push\\s[^\\n]{0,80}https?:`,
  'i',
);

/** What lies in the home of a person and opens accounts. */
const CREDENTIAL_FILES =
  '(?:ssh|aws|kube|gnupg|docker|azure|npmrc|pypirc|netrc|config/gcloud|git-credentials|bash_history|zsh_history)';

/** Names of a machine, its environment and its files, as a shell fills them in. */
const SHELL_SOURCES = new RegExp(
  `\\$\\(\\s*(?:env|hostname|whoami|id|uname|cat|printenv|ifconfig|ip a)|\`(?:env|hostname|whoami|id|cat)|\\$(?:USER|HOSTNAME|HOME)\\b|%(?:USERNAME|COMPUTERNAME)%|\\benv\\s*\\||\\bprintenv\\b|(?:whoami|hostname|id|ifconfig|uname -a|cat [^|]+)\\s*\\|\\s*(?:curl|nc|base64|xxd|wget)|@/(?:etc|root|home|proc)/|(?:~|\\$HOME|\\$env:(?:HOME|USERPROFILE)|%USERPROFILE%|/root|/home/\\w+)[\\\\/]\\.${CREDENTIAL_FILES}\\b|/etc/(?:passwd|shadow)\\b|\\$env:(?:username|computername)`,
  'i',
);

/** Of them those that are no mere names: credentials, whole environments, any file. */
const SHELL_SECRETS = new RegExp(
  `\\$\\(\\s*(?:env|cat|printenv)|\`(?:env|cat)|\\benv\\s*\\||\\bprintenv\\b|cat [^|]+\\s*\\|\\s*(?:curl|nc|base64|xxd|wget)|@/(?:etc|root|home|proc)/|[\\\\/]\\.${CREDENTIAL_FILES}\\b|/etc/(?:passwd|shadow)\\b`,
  'i',
);

/** Programs that send files: those that a command names, or all of the folder it works in. */
const FILE_SENDERS = new RegExp(
  `(?:^|[\\s;&|(/])(?:${HTTP_CLIENTS}|${NETCATS}|socat|scp|s?ftp|rsync|rclone|gsutil|s3cmd|mc|twine|croc|aws\\s+s3|az\\s+storage|gh\\s+(?:gist|release)|git\\s[^\\n;&|]{0,80}?\\bpush)(?:\\s|$)`,
  'i',
);

/** The folder that a command line goes to first, or is told; empty: none. */
function folderOf(text: string): string {
  const groups: readonly (string | undefined)[] = /\s-C\s+(\S+)|\bcd\s+([^\s;&|]+)/.exec(text)?.slice(1) ?? [];
  return groups.find((group) => group !== undefined) ?? '';
}

/** Data in files that the program made before, and that a command sends; clean where it sends none. */
export function filesSent(archive: Evidence, event: CallEvent, command: Command): Taint {
  if (!FILE_SENDERS.test(command.text)) return CLEAN;
  const cwd = event.keywords.get('cwd');
  const folder = cwd === undefined ? folderOf(command.text) : textOf(cwd);
  let taint = CLEAN;
  for (const [path, held] of archive.left) {
    if ((held.bits & (PRIVATE | LABEL.host)) === 0) continue;
    const isNamed = path.length >= 4 && command.text.includes(path);
    if (isNamed || (folder.length >= 4 && path.startsWith(`${folder}/`))) taint = unite(taint, held);
  }
  return taint;
}

/** A name or an address, or the place of one. */
const DESTINATION = /:\/\/|\.[a-z]{2,}|‹|\b\d{1,3}(?:\.\d{1,3}){3}\b/i;
const HOSTS = /(?:^|[\s@"'=/(])((?:[a-z0-9_-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3})(?=[\s:/"'?)]|$)/gi;

/** Whether a command line starts a program that reaches the network, and says or computes whither. */
export function isSender(text: string): boolean {
  return SENDERS.test(text) && DESTINATION.test(text);
}

/** Whether a shell fills names of the machine, its environment or files of its user into a line. */
export function fillsIn(text: string): boolean {
  return SHELL_SOURCES.test(text);
}

/** Whether what a shell fills in is more than names: credentials, the whole environment, any file. */
export function fillsInSecrets(text: string): boolean {
  return SHELL_SECRETS.test(text);
}

/** Names and addresses that stand in a command line, with a scheme or without, in lower case; names of files among them. */
export function destinationsIn(text: string): string[] {
  return [...text.matchAll(HOSTS)].map((m) => (m[1] ?? '').toLowerCase());
}
