// Owns constant encodings inside scripts. May import ../python/decoders (pure). Start at decodePowerShellArgument.
import { decodePowerShellCommand } from '../python/decoders/text-codings.ts';

const MAX_DECODED = 400_000;
const MIN_BASE64 = 16;

/** The script behind `-EncodedCommand`; undefined when it is none. */
export function decodePowerShellArgument(argument: string): string | undefined {
  return decodePowerShellCommand(argument, MAX_DECODED);
}

/** Is this long text nothing but base64? Looks at its beginning. */
export function isBase64(text: string): boolean {
  return !/[^A-Za-z0-9+/=\s]/.test(text.slice(0, 4000));
}

/** The text behind base64; undefined when it is too short, or gives no text. */
export function decodeBase64Text(text: string): string | undefined {
  return text.length < MIN_BASE64 ? undefined : decodePowerShellCommand(text, MAX_DECODED);
}
