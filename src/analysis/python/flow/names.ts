// Owns the one name of each thing outside the archive that has several. Imports nothing. Start at canonicalName.

/** Dotted prefixes and what they are today; applied until nothing changes. */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['builtins', ''],
  ['__builtin__', ''],
  ['__builtins__', ''],
  ['six.moves.builtins', ''],
  ['future.builtins', ''],
  ['six.moves.urllib.request', 'urllib.request'],
  ['six.moves.urllib', 'urllib'],
  ['six.moves.cPickle', 'pickle'],
  ['future.moves.urllib', 'urllib'],
  ['urllib2', 'urllib.request'],
  ['urllib.urlopen', 'urllib.request.urlopen'],
  ['urllib.urlretrieve', 'urllib.request.urlretrieve'],
  ['urllib.URLopener', 'urllib.request.URLopener'],
  ['urllib.FancyURLopener', 'urllib.request.FancyURLopener'],
  ['urllib.quote', 'urllib.parse.quote'],
  ['urllib.unquote', 'urllib.parse.unquote'],
  ['urllib.urlencode', 'urllib.parse.urlencode'],
  ['urlparse', 'urllib.parse'],
  ['httplib', 'http.client'],
  ['cPickle', 'pickle'],
  ['_pickle', 'pickle'],
  ['ntpath', 'os.path'],
  ['posixpath', 'os.path'],
  ['posix', 'os'],
  ['nt', 'os'],
  ['_socket', 'socket'],
  ['_thread', 'thread'],
  ['_winreg', 'winreg'],
  ['commands', 'subprocess'],
  ['subprocess32', 'subprocess'],
  ['gevent.subprocess', 'subprocess'],
  ['eventlet.green.subprocess', 'subprocess'],
  ['popen2', 'os'],
  ['gevent.socket', 'socket'],
  ['gevent.monkey', 'monkey'],
  ['multiprocessing.dummy', 'multiprocessing'],
  ['dill', 'pickle'],
  ['cloudpickle', 'pickle'],
  ['Cryptodome', 'Crypto'],
  ['fernet', 'cryptography.fernet'],
  ['pip._vendor.requests', 'requests'],
  ['botocore.vendored.requests', 'requests'],
  ['requests.api', 'requests'],
  ['requests.sessions', 'requests'],
  ['requests.models', 'requests'],
  ['requests.packages.urllib3', 'urllib3'],
  ['urllib3.poolmanager', 'urllib3'],
  ['requests_async', 'requests'],
  ['requests_html', 'requests'],
  ['cloudscraper', 'requests'],
  ['curl_cffi.requests', 'requests'],
  ['tls_client', 'requests'],
  ['requests.session()', 'requests'],
  ['requests.Session()', 'requests'],
  ['requests.create_scraper()', 'requests'],
  ['requests.HTMLSession()', 'requests'],
  ['requests.FuturesSession()', 'requests'],
  ['requests_futures.sessions.FuturesSession()', 'requests'],
  ['httpx.Client()', 'httpx'],
  ['httpx.AsyncClient()', 'httpx'],
  ['urllib3.PoolManager()', 'urllib3'],
  ['aiohttp.client', 'aiohttp'],
  ['aiohttp.ClientSession()', 'aiohttp'],
  ['urllib.request.build_opener()', 'urllib.request.opener'],
  ['urllib.request.OpenerDirector()', 'urllib.request.opener'],
  ['http.client.HTTPSConnection()', 'http.client.connection'],
  ['http.client.HTTPConnection()', 'http.client.connection'],
  ['socket.create_connection()', 'socket.socket()'],
  ['socket.SocketType()', 'socket.socket()'],
  ['ssl.wrap_socket()', 'socket.socket()'],
  ['ssl.create_default_context().wrap_socket()', 'socket.socket()'],
  ['ssl.SSLContext().wrap_socket()', 'socket.socket()'],
  ['ssl._create_unverified_context().wrap_socket()', 'socket.socket()'],
  ['smtplib.SMTP_SSL()', 'smtplib.SMTP()'],
  ['ftplib.FTP_TLS()', 'ftplib.FTP()'],
  ['ctypes.windll', 'ctypes.dll'],
  ['ctypes.WinDLL()', 'ctypes.dll.loaded'],
  ['ctypes.cdll', 'ctypes.dll'],
  ['ctypes.oledll', 'ctypes.dll'],
  ['ctypes.WinDll()', 'ctypes.dll.loaded'],
  ['ctypes.CDLL()', 'ctypes.dll.loaded'],
  ['ctypes.PyDLL()', 'ctypes.dll.loaded'],
  ['cffi.FFI().dlopen()', 'ctypes.dll.loaded'],
  ['ctypes.dll.LoadLibrary()', 'ctypes.dll.loaded'],
  ['io.open', 'open'],
  ['io.FileIO', 'open'],
  ['codecs.open', 'open'],
  ['aiofiles.open', 'open'],
  ['file', 'open'],
  ['os.fdopen', 'open'],
  ['tokenize.open', 'open'],
  ['open().__enter__()', 'open()'],
  ['pathlib.PurePath', 'pathlib.Path'],
  ['pathlib.PosixPath', 'pathlib.Path'],
  ['pathlib.WindowsPath', 'pathlib.Path'],
  ['pathlib2.Path', 'pathlib.Path'],
  ['plumbum.cmd', 'sh'],
  ['pathlib.Path().open()', 'open()'],
  ['pathlib.Path.home()', 'pathlib.Path()'],
  ['pathlib.Path.cwd()', 'pathlib.Path()'],
  ['pathlib.Path().joinpath()', 'pathlib.Path()'],
  ['pathlib.Path().resolve()', 'pathlib.Path()'],
  ['pathlib.Path().absolute()', 'pathlib.Path()'],
  ['pathlib.Path().expanduser()', 'pathlib.Path()'],
  ['pathlib.Path().with_suffix()', 'pathlib.Path()'],
  ['pathlib.Path().with_name()', 'pathlib.Path()'],
  ['pathlib.Path().glob()[]', 'pathlib.Path()'],
  ['pathlib.Path().rglob()[]', 'pathlib.Path()'],
  ['pathlib.Path().iterdir()[]', 'pathlib.Path()'],
  ['tempfile.NamedTemporaryFile()', 'tempfile.NamedTemporaryFile()'],
  ['os.environb', 'os.environ'],
  ['os.environ.copy()', 'os.environ'],
  ['imp.load_source', 'importlib.load_source'],
  ['base64.decodestring', 'base64.b64decode'],
  ['base64.decodebytes', 'base64.b64decode'],
  ['base64.encodestring', 'base64.b64encode'],
  ['base64.encodebytes', 'base64.b64encode'],
  ['pybase64', 'base64'],
  ['brotlicffi', 'brotli'],
  ['unicode', 'str'],
  ['unichr', 'chr'],
  ['xrange', 'range'],
  ['raw_input', 'input'],
  ['long', 'int'],
  ['execfile', 'execfile'],
  ['itertools.imap', 'map'],
  ['future_builtins.map', 'map'],
  ['pip._internal.cli.main.main', 'pip.main'],
  ['pip._internal.main.main', 'pip.main'],
  ['pip._internal.main', 'pip.main'],
  ['pip.__main__._main', 'pip.main'],
  ['pip._internal.cli.main', 'pip.main'],
  ['Crypto.Cipher.AES.new().decrypt_and_verify', 'Crypto.Cipher.AES.new().decrypt'],
  ['win32api.ShellExecute', 'win32api.ShellExecute'],
  ['asyncio.new_event_loop()', 'asyncio.get_event_loop()'],
  ['asyncio.get_running_loop()', 'asyncio.get_event_loop()'],
  ['asyncio.subprocess.create_subprocess_shell', 'asyncio.create_subprocess_shell'],
  ['asyncio.subprocess.create_subprocess_exec', 'asyncio.create_subprocess_exec'],
  ['distutils', 'setuptools'],
  ['setuptools.core.setup', 'setuptools.setup'],
  ['setuptools.dist.setup', 'setuptools.setup'],
  ['pyperclip3', 'pyperclip'],
  ['clipboard', 'pyperclip'],
  ['PIL.ImageGrab', 'ImageGrab'],
  ['pyscreenshot', 'ImageGrab'],
  ['mss.mss', 'mss'],
];

const BY_HEAD = new Map<string, (readonly [string, string])[]>();
for (const rule of PREFIXES) {
  const head = /^[^.(]*/.exec(rule[0])?.[0] ?? '';
  const known = BY_HEAD.get(head);
  if (known === undefined) BY_HEAD.set(head, [rule]);
  else known.push(rule);
}

const cache = new Map<string, string>();
const CACHE_LIMIT = 20_000;

/**
 * The name that models and detectors use for a dotted path, e.g. `urllib2.urlopen` → `urllib.request.urlopen`,
 * `builtins.exec` → `exec`, `requests.Session().post` → `requests.post`.
 */
export function canonicalName(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  let current = name;
  for (let round = 0; round < 6; round++) {
    const next = rewriteOnce(current);
    if (next === current) break;
    current = next;
  }
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(name, current);
  return current;
}

function rewriteOnce(name: string): string {
  const head = /^[^.(]*/.exec(name)?.[0] ?? '';
  for (const [from, to] of BY_HEAD.get(head) ?? []) {
    if (!name.startsWith(from)) continue;
    const after = name[from.length];
    if (after === undefined) return to === '' ? 'builtins' : to;
    if (after === '.' && to === '') return name.slice(from.length + 1);
    if (after === '.' || (after === '(' && !from.endsWith(')'))) return to + name.slice(from.length);
  }
  return name.startsWith('pathlib.Path().parent')
    ? name.replace(/^pathlib\.Path\(\)\.parent(s\[\])?/, 'pathlib.Path()')
    : name;
}
