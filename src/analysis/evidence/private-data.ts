// Owns what the data of a machine and its user is called, for a person. May import python. Start at namesOf.
import { isAddressService } from '../python/flow/models.ts';
import { LABEL, type Taint } from '../python/flow/taint.ts';

/** The files that the callers of a function stand in, opened by the names that the stack gives: the program of whoever uses it. */
const CALLERS_CODE =
  /^file ‹(?:inspect\.(?:stack|trace|currentframe|getouterframes|getframeinfo|getsourcefile)|sys\._getframe|traceback\.extract_stack)\(/;

/** From what weighs most to what says least. */
const NAMES: readonly (readonly [number, string])[] = [
  [LABEL.browser, 'browser or messenger profiles'],
  [LABEL.wallet, 'wallet files'],
  [LABEL.secretFile, 'credential files'],
  [LABEL.environment, 'the whole environment'],
  [LABEL.clipboard, 'the clipboard'],
  [LABEL.keyboard, 'keystrokes'],
  [LABEL.screen, 'pictures of the screen'],
  [LABEL.host, 'names of this machine or its user'],
  [LABEL.input, 'what a person typed'],
  [LABEL.secretVariable, 'a secret environment variable'],
  [LABEL.process, 'the output of commands'],
  [LABEL.listing, 'names of files'],
  [LABEL.file, 'files of this machine'],
  [LABEL.location, 'paths of this machine'],
  [LABEL.weakHost, 'the platform'],
];

/** What some data of a label is called rightly, where all of it is so. */
const RATHER: readonly (readonly [number, (text: string) => boolean, string])[] = [
  [LABEL.host, isAddressService, 'the public address of this machine'],
  [LABEL.secretFile, (text) => !text.startsWith('file '), 'credentials'],
  [LABEL.file, (text) => CALLERS_CODE.test(text), 'the code of whoever calls it'],
  [LABEL.browser, (text) => text.endsWith('get_cookies()'), 'cookies of a browser'],
  [LABEL.browser, (text) => /[\\/](?:Bookmarks|bookmarks\.html)$/.test(text), 'bookmarks of a browser'],
  [LABEL.browser, (text) => text.endsWith('GetNamespace()'), 'mail of the user'],
  [LABEL.wallet, (text) => !text.startsWith('file '), 'a key that was made for a wallet'],
  [LABEL.secretVariable, (text) => text.endsWith('()'), 'a stored key'],
];

/** The names of the first three kinds of data that a taint holds, of those in `bits`: `browser or messenger profiles, wallet files`. */
export function namesOf(bits: number, { origins }: Taint): string {
  return NAMES.filter(([label]) => (bits & label) !== 0)
    .slice(0, 3)
    .map(([label, name]) => {
      const own = origins.filter((o) => o.label === label);
      const rather = RATHER.find(([of, is]) => of === label && own.length > 0 && own.every((o) => is(o.text)));
      return rather?.[2] ?? name;
    })
    .join(', ');
}

/** Whether the program of whoever calls is among data. */
export function isCallersCode({ origins }: Taint): boolean {
  return origins.some((o) => o.label === LABEL.file && CALLERS_CODE.test(o.text));
}
