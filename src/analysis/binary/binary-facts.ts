// Owns what is said of a native binary: plain facts, no judgement. Imports nothing. Start at BinaryFacts.

export interface BinarySection {
  /** hostile text, at most 40 characters */
  readonly name: string;
  readonly sizeBytes: number;
  /** bits a byte, 0 to 8; of samples where the section is large */
  readonly entropy: number;
  readonly isExecutable: boolean;
  readonly isWritable: boolean;
}

/** What imported functions make possible. */
export type CapabilityKind =
  | 'network'
  | 'process'
  | 'injection'
  | 'keystrokes'
  | 'clipboard'
  | 'screenshot'
  | 'credentials'
  | 'persistence'
  | 'anti-debugging'
  | 'code-loading'
  | 'encryption'
  | 'python-code';

export interface Capability {
  readonly kind: CapabilityKind;
  /** the functions that give it, at most 20 */
  readonly names: readonly string[];
}

/** A readable run of bytes worth a look. */
export interface InterestingString {
  readonly kind: 'address' | 'command' | 'secret' | 'webhook' | 'persistence' | 'miner' | 'wallet' | 'python-code';
  /** at most 300 characters; hostile text */
  readonly text: string;
  readonly offset: number;
}

export interface BinaryFacts {
  readonly format: 'pe' | 'elf' | 'mach-o';
  /** `x86-64`, `arm64`, `x86`, … or `machine 0x1234`; of a fat Mach-O the first, the others after commas */
  readonly architecture: string;
  /** a DLL, shared object or bundle; false: a program or an object file */
  readonly isLibrary: boolean;
  /** at most 200 */
  readonly sections: readonly BinarySection[];
  /** libraries it needs, at most 500 */
  readonly libraries: readonly string[];
  /** functions it calls in others: `KERNEL32.dll!WinExec` in a PE, symbol names else; at most 5,000 */
  readonly imports: readonly string[];
  /** at most 5,000 */
  readonly exports: readonly string[];
  /** Python modules it can be imported as: `x` of `PyInit_x`, `initx` */
  readonly pythonModules: readonly string[];
  /** functions that run when it is loaded, beyond what compilers put in: TLS callbacks, `.init_array`, `__mod_init_func` */
  readonly constructors: number;
  /** bytes behind the end of the last section: installers, archives, payloads */
  readonly overlayBytes: number;
  /** what made or packed it: `UPX`, `PyInstaller`, `Nuitka`, `.NET`, `Go`, `Cython` …; at most 20 */
  readonly marks: readonly string[];
  readonly capabilities: readonly Capability[];
  /** at most 300 */
  readonly strings: readonly InterestingString[];
  /** lower-case hosts of literal addresses, at most 200 */
  readonly hosts: readonly string[];
  /** tables that lead nowhere, or limits that were met: not everything was read */
  readonly isTruncated: boolean;
}
