// Owns what detectors see: one archive read as a whole. May import archive, python, report. Start at Evidence; gather.ts makes it.
import type { OpenedArchive } from '../archive/archive.ts';
import type { CallEvent, Machine } from '../python/flow/machine.ts';
import type { Command } from './command.ts';
import type { EntryPoint } from './entry-points.ts';
import type { Layout, PlacedMember } from './layout.ts';
import type { LeftFiles } from './left-files.ts';
import type { Source, Sources } from './sources.ts';
import type { Traffic } from './traffic.ts';

/** Bytes of Python below which an archive is a few lines: what they fetch, start or send is what they are there for. */
export const SMALL_BYTES = 20_000;

/** What is known of the file beside its bytes. */
export interface FileContext {
  readonly filename: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A reading that its budget cut short. */
export interface CutShort {
  readonly path: string;
  readonly context: CallEvent['context'];
  readonly why: string;
}

export interface Metadata {
  readonly name: string;
  /** as written; empty: unknown */
  readonly version: string;
  readonly summary: string;
  /** the long description, at most 20,000 characters */
  readonly description: string;
  readonly hasUrl: boolean;
  /** hosts that its addresses, mail addresses and description name */
  readonly hosts: ReadonlySet<string>;
  readonly hasClassifiers: boolean;
  readonly hasDescription: boolean;
  readonly author: string;
  /** normalised names of the projects that it requires, extras included; from Requires-Dist and an egg's requires.txt */
  readonly requirements: ReadonlySet<string>;
}

/** One archive, read once. Detectors keep nothing of it. */
export interface Evidence {
  readonly archive: OpenedArchive;
  readonly context: FileContext;
  readonly layout: Layout;
  readonly sources: Sources;
  /** Python members that were parsed, tests aside */
  readonly modules: readonly Source[];
  /** tests by place and name that nothing else in the archive is known to load; others may */
  readonly idleTests: ReadonlySet<string>;
  /** executable lines of `.pth` files */
  readonly startUpLines: readonly StartUpLine[];
  readonly reading: Machine;
  readonly events: readonly CallEvent[];
  /** of `network` and `dns` events, and of pages that a browser is told to open */
  readonly traffic: ReadonlyMap<CallEvent, Traffic>;
  /** of `process` events */
  readonly commands: ReadonlyMap<CallEvent, Command>;
  /** what the files hold that the program makes */
  readonly left: LeftFiles;
  readonly entryPoints: readonly EntryPoint[];
  readonly cutShort: readonly CutShort[];
  readonly metadata: Metadata;
  /** bytes of Python of members that are not tests */
  readonly pythonBytes: number;
  readonly pythonFiles: number;
}

export interface StartUpLine {
  readonly placed: PlacedMember;
  readonly line: number;
  readonly text: string;
}
