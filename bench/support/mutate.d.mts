export interface Random {
  next(): number;
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  chance(share: number): boolean;
}
export function makeRandom(seed: number): Random;
export function mutateArchive(archive: Uint8Array, random: Random): Buffer;
export function mutateSource(text: string, random: Random): string;
