// Owns machine code that is put into memory and started. Start at shellcode.
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { taintOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'shellcode';
const ALLOCATE = /VirtualAlloc(?:Ex)?$|NtAllocateVirtualMemory$|VirtualProtect$|^mmap\.mmap$/;
const COPY = /^mmap\.mmap\(\)\.write$|RtlMoveMemory$|WriteProcessMemory$|^ctypes\.memmove$|RtlCopyMemory$/;
const START =
  /CreateThread$|CreateRemoteThread$|QueueUserAPC$|^ctypes\.(?:CFUNCTYPE|WINFUNCTYPE)$|EnumSystemLocales\w*$|NtCreateThreadEx$/;

const SHORT_BYTES = 100;

/** A few instructions asked of the processor, as libraries that identify it do. */
function isShort(copied: CallEvent): boolean {
  return (
    copied.args.some((a) => a.kind === 'bytes' && a.value.length < SHORT_BYTES) ||
    copied.args.some((a) => a.kind === 'int' && Number(a.value) > 0 && Number(a.value) < SHORT_BYTES)
  );
}

/** Bytes that whoever calls the function hands over: a wrapper of the system's functions has none of its own. */
function isCallersData(copied: CallEvent): boolean {
  const bits = copied.args.reduce((sum, a) => sum | taintOf(a).bits, 0);
  return (
    (bits & LABEL.parameter) !== 0 &&
    (bits & (LABEL.network | LABEL.decoded | LABEL.ownFile | LABEL.file)) === 0 &&
    copied.args.every((a) => a.kind !== 'bytes' && a.kind !== 'str')
  );
}

/** Nobody reads machine code before it runs that comes from afar. */
function isFetched({ args }: CallEvent): boolean {
  return args.some((arg) => (taintOf(arg).bits & LABEL.network) !== 0);
}

/** Memory made executable, filled and started: a loader of machine code. */
export const shellcode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    const byUnit = new Map<string, CallEvent[]>();
    for (const event of archive.events) {
      if (event.sink !== 'native' || event.context === 'test') continue;
      const known = byUnit.get(event.site.unit.path);
      if (known === undefined) byUnit.set(event.site.unit.path, [event]);
      else known.push(event);
    }
    for (const events of byUnit.values()) {
      const allocated = events.find((e) => ALLOCATE.test(e.name));
      const copied = events.find((e) => COPY.test(e.name));
      const started = events.find((e) => START.test(e.name));
      if (allocated === undefined || copied === undefined || started === undefined || isShort(copied)) continue;
      const isSure = isUnasked(started.context) || isFetched(copied);
      findings.push(
        findingOf(ID, started, {
          score: isSure ? 10 : isCallersData(copied) ? 4 : 6,
          class: isSure ? 'malware' : 'suspicious',
          message: 'Copies bytes into executable memory and starts them.',
          links: [allocated, copied].map((e) => ({
            role: 'transformation' as const,
            path: e.site.unit.path,
            line: e.site.node.line,
            text: e.name,
          })),
        }),
      );
    }
    return findings;
  },
};
