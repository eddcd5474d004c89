// Owns YAML among the members whose loading calls something. May import layout and python. Start at yamlCallsOf.
import type { CallEvent } from '../python/flow/machine.ts';
import { bundledIn, bytesOf } from './bundled.ts';
import type { Evidence } from './evidence.ts';
import type { PlacedMember } from './layout.ts';

export interface YamlCall {
  readonly placed: PlacedMember;
  /** e.g. `os.system` */
  readonly callee: string;
  readonly text: string;
  readonly load: CallEvent;
}

const MAX_BYTES = 2 ** 20;
const LOADS = /(?:^|\.)yaml\.(?:load|load_all|unsafe_load|unsafe_load_all|full_load)$|^ruamel\.yaml\./;
/** A tag by which Python calls a function, and the line behind it. */
const CALL = /!!python\/(?:object\/(?:apply|new)|name|module):([\w.]{1,120})([^\n]{0,400})/g;

/** What loading a member's YAML without care calls, for members that the program loads so. */
export function yamlCallsOf(archive: Evidence): YamlCall[] {
  const found: YamlCall[] = [];
  for (const load of archive.events) {
    if (load.sink !== 'deserialise' || !LOADS.test(load.name)) continue;
    for (const placed of bundledIn(archive.layout, load)) {
      const text = bytesOf(placed, MAX_BYTES)?.toString('utf8') ?? '';
      for (const match of text.matchAll(CALL))
        found.push({ placed, callee: match[1] ?? '', text: match[0].slice(0, 400), load });
    }
  }
  return found;
}
