// Owns what each format's reader hands over, before it is made into facts. May import binary-facts.ts (types). Start at BinaryParts.
import type { BinaryFacts, BinarySection } from './binary-facts.ts';

/** A part of the file that holds data or code. */
export interface Region {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface BinaryParts {
  readonly format: BinaryFacts['format'];
  architecture: string;
  isLibrary: boolean;
  readonly sections: (BinarySection & Region)[];
  readonly libraries: string[];
  readonly imports: string[];
  readonly exports: string[];
  constructors: number;
  /** end of the last section in the file */
  end: number;
  readonly marks: string[];
  isTruncated: boolean;
}

export const MAX_SECTIONS = 200;
export const MAX_LIBRARIES = 500;
export const MAX_SYMBOLS = 5000;
export const MAX_NAME = 200;

export function emptyParts(format: BinaryFacts['format']): BinaryParts {
  return {
    format,
    architecture: '',
    isLibrary: false,
    sections: [],
    libraries: [],
    imports: [],
    exports: [],
    constructors: 0,
    end: 0,
    marks: [],
    isTruncated: false,
  };
}
