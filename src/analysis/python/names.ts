// Owns the table of identifiers of one source text: each spelling becomes one JS string with a small number.
// Imports the keyword list alone. Start at NameTable.intern.
import { KEYWORDS, SOFT_NAMES } from './tokens.ts';

// A spelling that finds no place within so many steps is simply not shared: colliding names cost memory, never time.
const MAX_PROBES = 8;

/** Identifiers by number. Keywords and the soft names of tokens.ts have fixed numbers, in their order there. */
export class NameTable {
  readonly names: string[] = [];
  private slots = new Int32Array(1024);
  private hashes = new Int32Array(1024);
  private filled = 0;
  private readonly code: Uint16Array;
  private readonly text: string;
  /** offset of the first occurrence of each name in `code`; -1 for the fixed ones */
  private readonly firsts: number[] = [];

  constructor(text: string, code: Uint16Array) {
    this.text = text;
    this.code = code;
    for (const name of [...KEYWORDS, ...SOFT_NAMES]) {
      let hash = 0;
      for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
      this.add(name, -1, hash, this.findFree(hash));
    }
  }

  /** The number of the ASCII identifier at [start, end); `hash` is h = 31 h + unit over its units. */
  intern(start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const entry = this.slots[slot]!;
      if (entry === 0) return this.add(this.text.slice(start, end), start, hash, slot);
      if (this.hashes[slot] === hash && this.isSpelled(entry - 1, start, end)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.add(this.text.slice(start, end), start, hash, -1);
  }

  /** Gives a number to a name that is not spelled like this in the text (after NFKC). */
  append(name: string): number {
    this.firsts.push(-1);
    return this.names.push(name) - 1;
  }

  private isSpelled(id: number, start: number, end: number): boolean {
    const name = this.names[id]!;
    const length = end - start;
    if (name.length !== length) return false;
    const first = this.firsts[id]!;
    if (first < 0) return this.text.startsWith(name, start);
    const code = this.code;
    for (let i = 0; i < length; i++) if (code[first + i] !== code[start + i]) return false;
    return true;
  }

  private add(name: string, first: number, hash: number, slot: number): number {
    const id = this.append(name);
    this.firsts[id] = first;
    if (slot < 0) return id;
    this.slots[slot] = id + 1;
    this.hashes[slot] = hash;
    this.filled++;
    if (this.filled * 2 > this.slots.length) this.grow();
    return id;
  }

  private findFree(hash: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      if (this.slots[slot] === 0) return slot;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  private grow(): void {
    const { slots, hashes } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.hashes = new Int32Array(slots.length * 2);
    for (let i = 0; i < slots.length; i++) {
      if (slots[i] === 0) continue;
      const free = this.findFree(hashes[i]!);
      if (free < 0) continue;
      this.slots[free] = slots[i]!;
      this.hashes[free] = hashes[i]!;
    }
  }
}
