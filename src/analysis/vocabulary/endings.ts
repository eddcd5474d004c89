// Owns the endings of files that start, by what starts them. Imports nothing. Start at endingPattern.
//
// Alternatives for a pattern, without the dot. `com` stands in no list: it ends names of hosts as well. Nor does `js`: most of it is for pages.

/** What Windows runs as a program. */
export const WINDOWS_PROGRAMS = 'exe|scr|pif';

/** What Windows, or one of its script hosts, runs when it is opened. */
export const WINDOWS_SCRIPTS = 'bat|cmd|ps1|vbs|vbe|jse|wsf|hta|lnk';

/** Scripts of POSIX shells. */
export const SHELL_SCRIPTS = 'sh|bash|command';

/** Programs of Unix and their installers, where they have an ending at all. */
export const UNIX_PROGRAMS = 'elf|run|appimage';

/** Libraries that a process loads. */
export const LIBRARIES = 'dll|so|dylib';

/** A pattern for the end of a path, of either case: `endingPattern(SHELL_SCRIPTS, 'js')` fits `a/b.sh` and `C:\\B.JS`. */
export function endingPattern(...lists: readonly string[]): RegExp {
  return new RegExp(`\\.(?:${lists.join('|')})$`, 'i');
}
