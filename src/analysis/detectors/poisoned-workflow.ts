// Owns workflows of a repository that hand out its secrets, and that a program puts there. Start at poisonedWorkflow.
import type { CallEvent } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'poisoned-workflow';
const PLACE = /\.(?:github|gitea|forgejo)[\\/]+workflows\b/;
/** All secrets at once, in one text. */
const ALL_SECRETS = /\$\{\{\s{0,8}toJSON\(\s{0,8}secrets\s{0,8}\)\s{0,8}\}\}/i;
const SENDS =
  /\b(?:curl|wget|nc|ncat|Invoke-WebRequest|Invoke-RestMethod|iwr|irm|gh\s+gist|git\s+push|upload-artifact)\b/;
/** How much of a text belongs to one workflow. */
const REACH = 2_000;

/** Whether a text is a workflow that sends all secrets of its repository. */
function handsOut(text: string): boolean {
  const at = text.search(ALL_SECRETS);
  return at >= 0 && SENDS.test(text.slice(Math.max(0, at - REACH), at + REACH));
}

/** A file that is written, or a request that a code host is told one by; a clone that is pushed later writes it before. */
function isPlaced({ sink, args, keywords, receiver }: CallEvent): boolean {
  if (sink !== 'write' && sink !== 'network') return false;
  const [first, second] = args;
  const places = [first, second, keywords.get('url'), keywords.get('path'), receiver];
  return places.some((place) => place !== undefined && PLACE.test(textOf(place).slice(0, 2_000)));
}

/** A workflow with every secret of a repository in it, put into repositories of whoever runs the program. */
export const poisonedWorkflow: Detector = {
  id: ID,
  detect(archive) {
    return archive.events
      .filter((event) => event.context !== 'test' && isPlaced(event) && handsOut(event.site.unit.text))
      .map((event) =>
        findingOf(ID, event, {
          score: 10,
          class: 'malware',
          message: 'Puts a workflow into a repository that sends all secrets of it away.',
        }),
      );
  },
};
