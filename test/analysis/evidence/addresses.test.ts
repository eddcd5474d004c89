import { describe, expect, test } from 'vitest';
import { addressOfReceiver } from '../../../src/analysis/evidence/addresses.ts';
import type { CallEvent, Program } from '../../../src/analysis/python/flow/machine.ts';
import { createMachine } from '../../../src/analysis/python/flow/reading.ts';
import { parsePython } from '../../../src/analysis/python/parser.ts';

const program: Program = {
  findModule: () => undefined,
  findScript: () => undefined,
  findText: () => undefined,
  findBytes: () => undefined,
  parseText: () => undefined,
  decode: () => undefined,
};

function eventsOf(lines: readonly string[]): readonly CallEvent[] {
  const text = `${lines.join('\n')}\n`;
  const machine = createMachine(program);
  machine.steps = 100_000;
  machine.load({ unit: { path: 'a.py', module: 'a', text, isPackage: false }, module: parsePython(text).module });
  return machine.events;
}

const SOCKETS = Array.from({ length: 100 }, (_, i) => i);

describe('where a socket was pointed at', () => {
  test('is what the connection of the very same socket says', () => {
    const events = eventsOf([
      'import socket',
      'a = socket.socket()',
      'b = socket.socket()',
      'b.connect(("b.invalid", 2))',
      'a.connect(("a.invalid", 1))',
      'a.sendall(b"x")',
    ]);
    const sent = events.find((event) => event.name.endsWith('.sendall'));

    expect(sent === undefined ? '' : addressOfReceiver(sent, events)).toBe('tcp://a.invalid:1');
  });

  test('is found in one walk over the events, however many sockets send', () => {
    const events = eventsOf([
      'import socket',
      ...SOCKETS.flatMap((i) => [`s${i} = socket.socket()`, `s${i}.sendall(b"x")`]),
      ...SOCKETS.map((i) => `s${i}.connect(("h${i}.invalid", 1))`),
    ]);
    let reads = 0;
    const counted = events.map(
      (event) =>
        new Proxy(event, {
          get(target, key): unknown {
            if (key === 'name') reads++;
            return Reflect.get(target, key);
          },
        }),
    );
    const senders = counted.filter((event) => event.name.endsWith('.sendall'));
    reads = 0;
    const found = senders.map((event) => addressOfReceiver(event, counted));

    expect(found).toEqual(SOCKETS.map((i) => `tcp://h${i}.invalid:1`));
    expect(reads).toBeLessThan(3 * events.length);
  });
});
