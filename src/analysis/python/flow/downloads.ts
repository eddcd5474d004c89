// Owns which argument of a request is the file that its answer is put into. Imports value types alone. Start at placeOfAnswer.
import type { Value } from './value.ts';

/** Requests that are handed the place where the answer is put. */
export const KEEPS_ANSWER =
  /(?:urlretrieve|wget\.download|^gdown\.(?:cached_)?download|^torch\.hub\.download_url_to_file|^urllib\.request\.\w+(?:\(\))?\.retrieve)$/;

interface Request {
  readonly name: string;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** Where a request is told to put its answer: `urlretrieve(address, path)`, `wget.download(address, out=path)`. */
export function placeOfAnswer({ args, keywords }: Pick<Request, 'args' | 'keywords'>): Value | undefined {
  const names = ['filename', 'out', 'output', 'dst'];
  return args[1] ?? names.map((name) => keywords.get(name)).find((value) => value !== undefined);
}
