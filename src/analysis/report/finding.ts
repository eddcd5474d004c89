// What a detector says. Pure types. A finding is about bytes; what follows from it is policy's business.

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/**
 * What kind of claim a finding makes; policy treats them differently.
 * - `malware`: the chain does harm; only a one-file waiver overrides it
 * - `suspicious`: a person should look
 * - `anomaly`: the container is not what installers agree on
 * - `note`: context for the reader; adds nothing to the score
 */
export type FindingClass = 'malware' | 'suspicious' | 'anomaly' | 'note';

/** When the code of a finding runs, strongest first. `start-up`: at every interpreter start; `install`: build or install. */
export type ExecutionContext = 'start-up' | 'install' | 'import' | 'entry-point' | 'call' | 'test' | 'none';

/** One link of the chain context → source → transformation → sink. */
export interface Evidence {
  readonly role: 'context' | 'source' | 'transformation' | 'sink';
  /** member path inside the archive; `a.zip!/b.py` for a nested one, `setup.py#decoded-1` for decoded text */
  readonly path: string;
  /** 1-based; 0 when the evidence has no line (a binary, the container) */
  readonly line: number;
  /** plain words, e.g. "runs when pip builds the sdist" */
  readonly text: string;
  /** the code as it stands, at most 400 characters; hostile text */
  readonly snippet?: string;
}

export interface Finding {
  /** id of the detector: its file name, e.g. `start-up-code` */
  readonly detector: string;
  readonly severity: Severity;
  readonly class: FindingClass;
  /** points, 0 to 20, before the report combines them; the meaning of the number is config/rules' */
  readonly score: number;
  readonly context: ExecutionContext;
  readonly path: string;
  readonly line: number;
  /** one sentence: what and why */
  readonly message: string;
  /** at most 400 characters of the line; hostile text */
  readonly snippet: string;
  /** what the code decodes to, at most 2,000 characters; hostile text */
  readonly decoded?: string;
  readonly chain: readonly Evidence[];
  /** hosts named by the chain, for comparison between releases; at most 20 */
  readonly hosts?: readonly string[];
}
