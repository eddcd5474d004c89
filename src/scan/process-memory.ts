import { readFileSync } from 'node:fs';

/**
 * Resident memory of a process in bytes, all of it: buffers are outside of what V8's own limits count.
 * undefined where the system does not tell (no /proc) or the process is gone.
 */
export function findResidentBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'latin1');
    const kibibytes = /^VmRSS:\s*(\d+) kB$/mu.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
