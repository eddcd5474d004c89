// Owns what is known of functions outside the archive: what they give and what they do. Imports taint. Start at sinkOf.
import { channelSink } from './clients.ts';
import { LABEL, type Label } from './taint.ts';

/** What a call does to the world. */
export type SinkKind =
  | 'exec'
  | 'process'
  | 'network'
  | 'dns'
  | 'write'
  | 'native'
  | 'registry'
  | 'clipboard-write'
  | 'listener'
  | 'persist'
  | 'install-package'
  | 'permissions'
  | 'delete'
  | 'deserialise'
  | 'hook'
  | 'archive'
  | 'copy'
  | 'descriptor'
  | 'search-path'
  | 'browser'
  | 'environment'
  | 'window'
  | 'server';

const SINKS = new Map<string, SinkKind>();
function add(kind: SinkKind, names: string): void {
  for (const name of names.split(/\s+/)) if (name !== '') SINKS.set(name, kind);
}

add(
  'exec',
  'exec eval compile execfile code.InteractiveInterpreter().runsource code.InteractiveInterpreter().runcode code.InteractiveConsole().push types.FunctionType types.CodeType runpy.run_path runpy.run_module importlib.load_source importlib.util.spec_from_loader importlib.util.spec_from_file_location IPython.get_ipython().run_cell timeit.timeit timeit.repeat cProfile.run pdb.run site.addsitedir site.addpackage js2py.eval_js execjs.eval _xxsubinterpreters.run_string _interpreters.run_string _interpreters.exec concurrent.interpreters.create().exec',
);
add(
  'process',
  'os.system os.popen os.popen2 os.popen3 os.popen4 os.startfile os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn os.posix_spawnp subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput subprocess.getstatusoutput pty.spawn asyncio.create_subprocess_shell asyncio.create_subprocess_exec pexpect.spawn pexpect.run pexpect.spawnu wexpect.spawn win32api.ShellExecute win32api.WinExec win32process.CreateProcess shell.ShellExecuteEx win32com.shell.shell.ShellExecuteEx win32com.client.Dispatch().Run win32com.client.Dispatch().ShellExecute win32com.client.Dispatch().Exec ctypes.dll.shell32.ShellExecuteW ctypes.dll.shell32.ShellExecuteA ctypes.dll.kernel32.WinExec ctypes.dll.kernel32.CreateProcessW ctypes.dll.kernel32.CreateProcessA ctypes.dll.msvcrt.system ctypes.dll.libc.system ctypes.dll.loaded.system plumbum.local.cmd invoke.run fabric.Connection().local invoke.Context().run delegator.run envoy.run sh.Command() setuptools.spawn.spawn sarge.run command.run subprocess.Popen().communicate subprocess.Popen().stdin.write psutil.Popen os.popen().write os.popen().writelines wmi.WMI().Win32_Process.Create trio.run_process anyio.run_process pyautogui.typewrite keyboard.write os.fork_exec _posixsubprocess.fork_exec _winapi.CreateProcess elevate.elevate pyuac.runAsAdmin',
);
add(
  'network',
  'urllib.request.urlopen urllib.request.urlretrieve urllib.request.opener.open urllib.request.opener.retrieve urllib.request.URLopener().retrieve urllib.request.URLopener().open urllib.request.FancyURLopener().retrieve urllib.request.FancyURLopener().open requests.get requests.post requests.put requests.patch requests.delete requests.head requests.options requests.request requests.send httpx.get httpx.post httpx.put httpx.patch httpx.delete httpx.head httpx.request httpx.stream httpx.send urllib3.request urllib3.urlopen urllib3.request_encode_body aiohttp.get aiohttp.post aiohttp.put aiohttp.request aiohttp.patch aiohttp.ws_connect aiohttp.head http.client.connection.request http.client.connection.putrequest http.client.connection.send http.client.connection.connect socket.socket().connect socket.socket().connect_ex socket.socket().send socket.socket().sendall socket.socket().sendto socket.socket().sendfile socket.create_connection asyncio.open_connection ftplib.FTP ftplib.FTP().login ftplib.FTP().connect ftplib.FTP().storbinary ftplib.FTP().storlines ftplib.FTP().retrbinary smtplib.SMTP smtplib.SMTP().connect smtplib.SMTP().sendmail smtplib.SMTP().send_message smtplib.SMTP().login yagmail.SMTP().send telnetlib.Telnet paramiko.SSHClient().connect paramiko.Transport websocket.create_connection websocket.WebSocketApp websocket.WebSocket().connect websocket.create_connection().send websocket.WebSocket().send websockets.connect websockets.connect().send wget.download pycurl.Curl().perform pycurl.Curl().setopt xmlrpc.client.ServerProxy dhooks.Webhook dhooks.Webhook().send discord_webhook.DiscordWebhook discord_webhook.DiscordWebhook().execute discord.Webhook.from_url discord.SyncWebhook.from_url discord.Webhook.from_url().send discord.SyncWebhook.from_url().send discord.ext.commands.Bot().run discord.ext.commands.Bot().start discord.Client().start discord.Client().run telebot.TeleBot telebot.TeleBot().send_message telebot.TeleBot().send_document telebot.TeleBot().send_photo telebot.TeleBot().polling telebot.TeleBot().infinity_polling telegram.Bot telegram.Bot().send_message telegram.Bot().send_document telegram.Bot().sendMessage telegram.Bot().sendDocument telegram.Bot().send_photo telethon.TelegramClient pyrogram.Client slack_sdk.WebClient().chat_postMessage slack_sdk.WebhookClient().send git.Repo.clone_from git.Git().clone pygit2.clone_repository dulwich.porcelain.clone dropbox.Dropbox().files_upload dropbox.Dropbox().files_download_to_file gdown.download mega.Mega().login pysftp.Connection socketio.Client().connect socketio.Client().emit paho.mqtt.client.Client().connect redis.Redis pymongo.MongoClient pymongo.MongoClient() psycopg2.connect mysql.connector.connect pymysql.connect grequests.get grequests.post treq.get treq.post httplib2.Http().request mechanize.Browser().open selenium.webdriver.Chrome().get anonfile.AnonFile().upload boto3.client().upload_file boto3.client().put_object pastebin.PastebinAPI().paste setuptools.ssl_support.opener_for pip.download http.client.HTTPSConnection http.client.HTTPConnection torch.hub.load_state_dict_from_url pooch.retrieve huggingface_hub.hf_hub_download firebase_admin.db.reference().push firebase.FirebaseApplication().post sentry_sdk.init posthog.capture pyngrok.ngrok.connect ngrok.connect multiprocessing.connection.Client multiprocessing.connection.Client().send multiprocessing.connection.Client().send_bytes scapy.all.send scapy.all.sendp scapy.all.sr scapy.all.sr1 scapy.sendrecv.send scapy.sendrecv.sr1 requests.Session.send requests.Session.request psycopg.connect asyncpg.connect httpimport.remote_repo httpimport.load httpimport.add_remote_repo httpimport.github_repo tornado.httpclient.HTTPClient().fetch tornado.httpclient.AsyncHTTPClient().fetch paho.mqtt.publish.single paho.mqtt.publish.multiple imaplib.IMAP4().append imaplib.IMAP4_SSL().append',
);
add('environment', 'os.putenv');
add('descriptor', 'os.dup2 os.dup socket.fromfd');
add('search-path', 'sys.path.insert sys.path.append site.addsitedir sys.path.extend zipimport.zipimporter');
add(
  'dns',
  'socket.gethostbyname socket.gethostbyname_ex socket.getaddrinfo socket.gethostbyaddr dns.resolver.resolve dns.resolver.query dns.resolver.Resolver().resolve dns.resolver.Resolver().query dnslib.DNSRecord.question().send aiodns.DNSResolver().query asyncio.get_event_loop().getaddrinfo',
);
add(
  'write',
  'open().write open().writelines pathlib.Path().write_text pathlib.Path().write_bytes os.write tempfile.NamedTemporaryFile().write tempfile.TemporaryFile().write open().buffer.write',
);
add(
  'copy',
  'shutil.copy shutil.copy2 shutil.copyfile shutil.move os.rename os.replace os.link os.symlink shutil.copytree pathlib.Path().rename pathlib.Path().replace pathlib.Path().symlink_to setuptools.file_util.copy_file',
);
add(
  'archive',
  'zipfile.ZipFile().extractall zipfile.ZipFile().extract tarfile.open().extractall tarfile.open().extract shutil.unpack_archive tarfile.TarFile().extractall zipfile.ZipFile().write zipfile.ZipFile().writestr tarfile.open().add tarfile.TarFile().add shutil.make_archive py7zr.SevenZipFile().extractall patoolib.extract_archive',
);
add('delete', 'os.remove os.unlink shutil.rmtree pathlib.Path().unlink os.rmdir');
add(
  'permissions',
  'os.chmod pathlib.Path().chmod os.fchmod ctypes.dll.kernel32.SetFileAttributesW win32api.SetFileAttributes os.setuid',
);
add(
  'registry',
  'winreg.SetValueEx winreg.SetValue winreg.CreateKey winreg.CreateKeyEx winreg.OpenKey winreg.OpenKeyEx winreg.QueryValueEx win32api.RegSetValueEx',
);
add(
  'native',
  'ctypes.CDLL ctypes.WinDLL ctypes.PyDLL ctypes.dll.LoadLibrary ctypes.dll.kernel32.LoadLibraryA ctypes.dll.kernel32.LoadLibraryW ctypes.util.find_library ctypes.dll.kernel32.VirtualAlloc ctypes.dll.kernel32.VirtualAllocEx ctypes.dll.kernel32.VirtualProtect ctypes.dll.kernel32.RtlMoveMemory ctypes.dll.kernel32.CreateThread ctypes.dll.kernel32.CreateRemoteThread ctypes.dll.kernel32.WriteProcessMemory ctypes.memmove ctypes.CFUNCTYPE ctypes.WINFUNCTYPE ctypes.dll.ntdll.NtAllocateVirtualMemory ctypes.dll.ntdll.RtlAdjustPrivilege ctypes.dll.ntdll.NtRaiseHardError ctypes.dll.user32.BlockInput ctypes.dll.user32.GetAsyncKeyState ctypes.dll.user32.SetWindowsHookExA ctypes.dll.user32.SetWindowsHookExW ctypes.dll.kernel32.SetFileAttributesW ctypes.dll.loaded.VirtualAlloc ctypes.dll.loaded.RtlMoveMemory ctypes.dll.loaded.CreateThread mmap.mmap mmap.mmap().write importlib.machinery.ExtensionFileLoader cffi.FFI().dlopen ctypes.dll.user32.ShowWindow ctypes.dll.kernel32.GetConsoleWindow ctypes.dll.user32.ExitWindowsEx ctypes.dll.user32.LockWorkStation ctypes.dll.user32.SwapMouseButton ctypes.dll.advapi32.InitiateSystemShutdownW ctypes.dll.advapi32.InitiateSystemShutdownExW ctypes.dll.powrprof.SetSuspendState win32api.ExitWindowsEx win32api.InitiateSystemShutdown',
);
add(
  'clipboard-write',
  'pyperclip.copy tkinter.Tk().clipboard_append ctypes.dll.user32.SetClipboardData win32clipboard.SetClipboardText win32clipboard.SetClipboardData clipboard.copy',
);
add(
  'listener',
  'pynput.keyboard.Listener keyboard.on_press keyboard.hook keyboard.on_release keyboard.read_event keyboard.read_key keyboard.record keyboard.start_recording pyHook.HookManager pynput.mouse.Listener pyWinhook.HookManager',
);
add(
  'install-package',
  'pip.main pip.main.main pkg_resources.require setuptools.command.easy_install.main pip._internal.main ensurepip.bootstrap',
);
add(
  'deserialise',
  'pickle.loads pickle.load marshal.loads marshal.load yaml.load yaml.unsafe_load yaml.full_load jsonpickle.decode shelve.open joblib.load torch.load numpy.load',
);
add(
  'hook',
  'sys.meta_path.insert sys.meta_path.append sys.path_hooks.insert sys.path_hooks.append sys.settrace sys.setprofile sys.addaudithook atexit.register builtins.__import__ importlib.invalidate_caches gc.get_objects',
);
add(
  'persist',
  'crontab.CronTab crontab.CronTab().new crontab.CronTab().write winshell.startup schtasks.create win32com.client.Dispatch().CreateShortCut win32com.client.Dispatch().CreateShortcut',
);
add(
  'browser',
  'webbrowser.open webbrowser.open_new webbrowser.open_new_tab webbrowser.get().open browser_cookie3.load browser_cookie3.chrome browser_cookie3.firefox browser_cookie3.edge browser_cookie3.opera browser_cookie3.brave',
);

add(
  'window',
  'ctypes.dll.user32.MessageBoxW ctypes.dll.user32.MessageBoxA ctypes.dll.user32.MessageBoxExW ctypes.dll.user32.MessageBoxTimeoutW ctypes.dll.user32.SystemParametersInfoW ctypes.dll.user32.SystemParametersInfoA win32api.MessageBox win32gui.MessageBox win32gui.SystemParametersInfo win32ui.MessageBox pymsgbox.alert pymsgbox.confirm pymsgbox.prompt pyautogui.alert pyautogui.confirm easygui.msgbox easygui.ynbox tkinter.messagebox.showinfo tkinter.messagebox.showwarning tkinter.messagebox.showerror tkinter.messagebox.askyesno win10toast.ToastNotifier().show_toast plyer.notification.notify winsound.Beep winsound.PlaySound playsound.playsound',
);
add(
  'server',
  'flask.Flask().run quart.Quart().run bottle.run uvicorn.run waitress.serve aiohttp.web.run_app sanic.Sanic().run asyncio.start_server hypercorn.run cherrypy.quickstart',
);

/** Servers of the library, and their subclasses by other names, that begin to listen. */
const SERVER =
  /^(?:socketserver|http\.server|xmlrpc\.server|wsgiref\.simple_server)\.\w+\(\)\.(?:serve_forever|handle_request)$/;

const HTTP_METHODS =
  /\.(?:get|post|put|patch|request|urlopen|urlretrieve|retrieve|send|fetch|open|ws_connect|stream|download|connect|upload|sendall|execute|submit|post_json|getJSON|api_call|_?request|api_request|from_url|publish|emit|push)$/;

/** What runs a file by its path, whatever it is told besides: the call is an event by its path alone. */
export const FILE_LOADERS: ReadonlySet<string> = new Set([
  'importlib.util.spec_from_file_location',
  'importlib.load_source',
  'importlib.machinery.SourceFileLoader',
  'runpy.run_path',
  'execfile',
]);

/** What a command class of setuptools inherits to start programs with. */
const COMMAND_SPAWN = /^setuptools\.(?:\w+\.)*\w+\(\)\.spawn$/;

/** What a call by this canonical name does; undefined for most functions. */
export function sinkOf(name: string): SinkKind | undefined {
  const known = SINKS.get(name);
  if (known !== undefined) return known;
  if (name.startsWith('ctypes.dll.')) {
    const last = name.slice(name.lastIndexOf('.') + 1);
    for (const library of ['kernel32', 'user32', 'ntdll', 'shell32']) {
      const sink = SINKS.get(`ctypes.dll.${library}.${last}`);
      if (sink !== undefined) return sink;
    }
    return undefined;
  }
  if (name.startsWith('smtplib.') || name.startsWith('ftplib.'))
    return name.includes('()') && /send|stor|login|retr/.test(name) ? 'network' : undefined;
  if (/(?:telebot|telegram|aiogram|telethon|pyrogram)\b.*\.(?:send_|sendDocument|sendMessage|reply_)/.test(name))
    return 'network';
  if (COMMAND_SPAWN.test(name)) return 'process';
  if (SERVER.test(name)) return 'server';
  return /^sh\.\w+$/.test(name) ? 'process' : channelSink(name);
}

/** Whether a method of something unknown is how a client's requests look: it is one when it is handed a web address. */
export function isClientMethod(name: string): boolean {
  return HTTP_METHODS.test(name) && !/^re\.|Executor\(\)\.submit$/.test(name);
}

/** Whether a text begins with a web address. */
export function isAddress(text: string): boolean {
  return /^(?:https?|ftp|wss?):\/\//i.test(text);
}

/** Results (calls) and attributes that give data. */
const SOURCES = new Map<string, Label>();
function give(label: Label, names: string): void {
  for (const name of names.split(/\s+/)) if (name !== '') SOURCES.set(name, label);
}
give(
  LABEL.host,
  'socket.gethostname() socket.getfqdn() platform.node() platform.uname() os.uname() os.getlogin() getpass.getuser() uuid.getnode() uuid.uuid1() pwd.getpwuid() pwd.getpwnam() psutil.users() psutil.net_if_addrs() win32api.GetUserName() win32api.GetUserNameEx() win32api.GetComputerName() win32net.NetUserGetInfo() netifaces.ifaddresses() netifaces.interfaces() netifaces.gateways() machineid.id() machineid.hashed_id() getmac.get_mac_address() ifaddr.get_adapters() wmi.WMI() os.getpgid() pwd.getpwall() grp.getgrall() whoami socket.gethostbyname_ex() geocoder.ip() psutil.process_iter() psutil.net_connections() socket.if_nameindex()',
);
give(
  LABEL.weakHost,
  'platform.system() platform.machine() platform.platform() platform.release() platform.version() platform.processor() platform.python_version() platform.architecture() platform.mac_ver() platform.win32_ver() platform.linux_distribution() distro.id() distro.name() os.name sys.platform sys.version sys.version_info os.getpid() os.getppid() os.getuid() os.geteuid() os.getgid() locale.getdefaultlocale() locale.getlocale() time.tzname psutil.cpu_count() psutil.virtual_memory() psutil.boot_time() psutil.disk_partitions() os.cpu_count() sysconfig.get_platform() platform.python_implementation() GPUtil.getGPUs() cpuinfo.get_cpu_info()',
);
give(LABEL.environment, 'os.environ os.environ.items() os.environ.values()');
// Whoever starts the program says what is in it, as a caller does with a parameter.
give(LABEL.parameter, 'sys.argv');
give(
  LABEL.clipboard,
  'pyperclip.paste() win32clipboard.GetClipboardData() clipboard.paste() tkinter.Tk().clipboard_get() pandas.read_clipboard() ctypes.dll.user32.GetClipboardData()',
);
give(
  LABEL.screen,
  'ImageGrab.grab() pyautogui.screenshot() mss().grab() mss().shot() cv2.VideoCapture().read() cv2.VideoCapture() sounddevice.rec() pyaudio.PyAudio().open() d3dshot.create() ImageGrab.grab_to_file() mss.shot() dxcam.create()',
);
give(
  LABEL.input,
  'input() getpass.getpass() click.prompt() questionary.password() tkinter.simpledialog.askstring() easygui.passwordbox() pymsgbox.password() pyautogui.password()',
);
give(
  LABEL.keyboard,
  'keyboard.read_event() keyboard.read_key() keyboard.record() ctypes.dll.user32.GetAsyncKeyState() win32api.GetAsyncKeyState() keyboard.get_typed_strings()',
);
give(
  LABEL.secretFile,
  'boto3.Session().get_credentials() netrc.netrc().hosts dotenv.dotenv_values() google.auth.default() win32cred.CredEnumerate() spwd.getspall() telethon.sessions.StringSession.save() telethon.sessions.StringSession().save() telethon.TelegramClient().session.save() pyrogram.Client().export_session_string()',
);
// One entry of a store, asked for by its name, is what a client logs in with; a whole store is another matter.
give(
  LABEL.secretVariable,
  'keyring.get_password() keyring.get_credential() netrc.netrc().authenticators() huggingface_hub.get_token() huggingface_hub.HfFolder.get_token() huggingface_hub.utils.get_token() azure.identity.DefaultAzureCredential().get_token() azure.identity.AzureCliCredential().get_token() azure.identity.ManagedIdentityCredential().get_token() django.conf.settings.SECRET_KEY django.conf.settings.DATABASES jupyter_server.serverapp.list_running_servers() notebook.notebookapp.list_running_servers()',
);
give(
  LABEL.browser,
  'win32crypt.CryptUnprotectData() ctypes.dll.crypt32.CryptUnprotectData() browser_cookie3.load() browser_cookie3.chrome() browser_cookie3.firefox() browser_cookie3.edge() browser_cookie3.opera() browser_cookie3.brave() browser_cookie3.chromium() browsercookie.chrome() rookiepy.load() secretstorage.get_default_collection() selenium.webdriver.Chrome().get_cookies() selenium.webdriver.Firefox().get_cookies() selenium.webdriver.Edge().get_cookies() win32com.client.Dispatch().GetNamespace()',
);
// Keys that were made a moment ago are somebody's wallet as soon as anything is sent there.
give(
  LABEL.wallet,
  'eth_account.Account.create().key eth_account.Account.create().privateKey eth_account.Account.create()._private_key eth_account.Account.create_with_mnemonic()[] mnemonic.Mnemonic().generate() bip_utils.Bip39MnemonicGenerator().FromWordsNumber() solders.keypair.Keypair().secret() solana.keypair.Keypair().secret_key solana.keypair.Keypair.generate().secret_key tronpy.Tron().generate_address() tronpy.keys.PrivateKey.random() bit.Key().to_wif() bitcoin.random_key() hdwallet.utils.generate_mnemonic()',
);
give(
  LABEL.location,
  'os.getcwd() os.path.expanduser() pathlib.Path.home() pathlib.Path.cwd() os.getcwdb() appdirs.user_data_dir() site.getsitepackages() site.getusersitepackages()',
);
give(
  LABEL.listing,
  'os.listdir() os.walk() os.scandir() glob.glob() glob.iglob() pathlib.Path().glob() pathlib.Path().rglob() pathlib.Path().iterdir()',
);
give(
  LABEL.network,
  'socket.socket().recv() socket.socket().recvfrom() socket.socket().makefile() socket.socket().accept() ftplib.FTP().retrlines() imaplib.IMAP4_SSL().fetch() websocket.create_connection().recv() websocket.WebSocket().recv() asyncio.open_connection() git.Repo.clone_from() paramiko.SSHClient().exec_command() flask.request multiprocessing.connection.Client().recv() multiprocessing.connection.Client().recv_bytes() dns.resolver.resolve() dns.resolver.query() dns.resolver.Resolver().resolve() dns.resolver.Resolver().query() dns.asyncresolver.resolve()',
);

/** Answers of services that keep secrets. */
const VAULTS = /\.(?:get_secret_value|read_secret_version|access_secret_version|batch_get_secret_value)\(\)$/;

/** The secret half of what a session of a cloud signs with, whatever the session came from. */
const CLOUD_KEYS = /\.get_credentials\(\)(?:\.get_frozen_credentials\(\))?\.(?:secret_key|token)$/;

/** The label that a result or attribute by this canonical name carries; undefined for most. */
export function sourceOf(name: string): Label | undefined {
  const known = SOURCES.get(name);
  if (known !== undefined) return known;
  if (VAULTS.test(name)) return LABEL.secretVariable;
  return CLOUD_KEYS.test(name) ? LABEL.secretFile : undefined;
}

let modelled: Set<string> | undefined;

/** Whether anything is known of a name, or of what it gives: `socket.socket` for `socket.socket().connect`. */
export function isModelled(name: string): boolean {
  if (modelled === undefined) {
    modelled = new Set();
    for (const full of [...SINKS.keys(), ...SOURCES.keys()])
      for (const part of full.matchAll(/[.(]|$/g)) modelled.add(full.slice(0, part.index));
  }
  return modelled.has(name) || sinkOf(name) !== undefined;
}

const HOST_VARIABLES =
  /^(?:USER|USERNAME|LOGNAME|COMPUTERNAME|HOSTNAME|USERDOMAIN|NAME|SUDO_USER|LOGONSERVER|USERDNSDOMAIN|HOST)$/i;
const PLACE_VARIABLES =
  /^(?:HOME|APPDATA|LOCALAPPDATA|TEMP|TMP|USERPROFILE|PROGRAMDATA|PROGRAMFILES.*|SYSTEMROOT|WINDIR|PATH|PWD|XDG_.*|PUBLIC|SYSTEMDRIVE|HOMEPATH|HOMEDRIVE|VIRTUAL_ENV|CONDA_PREFIX)$/i;
const SECRET_VARIABLES = /(?:SECRET|TOKEN|PASSW|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|MNEMONIC|AUTH)/i;

export function variableLabel(name: string): Label {
  if (HOST_VARIABLES.test(name)) return LABEL.host;
  if (PLACE_VARIABLES.test(name)) return LABEL.location;
  return SECRET_VARIABLES.test(name) ? LABEL.secretVariable : LABEL.variable;
}

const SECRET_NAMES =
  /(?:^|_)(?:priv(?:ate)?_?keys?|secret(?:_?key)?|secretkey|mnemonics?|seed(?:_?(?:phrase|words?))?|(?:recovery|secret|backup)_?(?:phrase|words?)|pass(?:word|wd|phrase|code)|pwd|keypair|wallet_?key|wif|xprv|pk|p_?key|session_?string|2fa|otp|cvv|card_?number)(?:$|_|\d)/i;

/** Whether a parameter by this name is handed a secret. */
export function isSecretName(name: string): boolean {
  const snake = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return SECRET_NAMES.test(snake);
}

const BROWSER_PATHS =
  /(?:google[\\/]+chrome|chrome[\\/]+user data|bravesoftware|opera software|microsoft[\\/]+edge|yandex(?:browser)?[\\/]+|vivaldi[\\/]+user|mozilla[\\/]+firefox|\.mozilla|firefox[\\/]+profiles|login data|local state|web data|cookies\.sqlite|logins\.json|key4\.db|network[\\/]+cookies|leveldb|discord(?:canary|ptb)?[\\/]+|library[\\/]+application support[\\/]+(?:google|firefox|brave)|google-chrome|local storage|telegram desktop[\\/]+tdata|tdata|[\\/]cookies$|\.ldb|roblox)/i;
const WALLET_PATHS =
  /(?:exodus(?:\.wallet)?|electrum|atomic[\\/]+local storage|wallet\.dat|metamask|nkbihfbeogaeaoehlefnkodbefgpgknn|\.bitcoin|\.ethereum[\\/]+keystore|keystore|\.solana|solana[\\/]+id\.json|coinomi|guarda|armory|zcash|jaxx|ledger live|phantom|multibit|dogecoin|binance)/i;
const SECRET_PATHS =
  /(?:\.ssh(?:[\\/]|$)|id_rsa|id_ed25519|id_dsa|id_ecdsa|\.aws(?:[\\/]|$)|\.azure|\.kube(?:[\\/]|$)|\.docker[\\/]+config|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.gitconfig|(?:^|[\\/])\.env(?:\.\w+)?$|\.gnupg|\/etc\/(?:passwd|shadow|hosts|hostname|machine-id|resolv)|\.bash_history|\.zsh_history|\.python_history|\.boto|\.config[\\/]+gcloud|gcloud|serviceaccount|\/var\/run\/secrets|filezilla|ssfn|steam[\\/]+config|loginusers\.vdf|\.vnc|\.pgpass|\.my\.cnf|credentials(?:\.json|\.db)?$|secrets?\.(?:json|ya?ml|toml)|\/proc\/(?:self|[\d*?[\]-]+|‹›)\/(?:environ|cmdline|mem)\b|authorized_keys|known_hosts|winscp|\.vault-token|\.terraform\.d|globalstorage[\\/]+state\.vscdb|\.config[\\/]+gh[\\/]|rclone\.conf|\.s3cfg|\.kdbx$|\.codex|\.claude|\.cursor|\.gemini|\/flag(?:\.txt)?$|\.minecraft[\\/]+(?:launcher_|\w*accounts)|launcher_accounts)/i;

/** What the content of a file at this path is; `file` when it is nothing special. */
export function pathLabel(text: string): Label {
  if (text.length > 2000 || isSentence(text)) return LABEL.file;
  // A hole bears the name of what made the value, which is no part of the path.
  const path = text.replaceAll(/‹[^‹›]*›/g, '‹›');
  if (WALLET_PATHS.test(path)) return LABEL.wallet;
  if (BROWSER_PATHS.test(path)) return LABEL.browser;
  return SECRET_PATHS.test(path) ? LABEL.secretFile : LABEL.file;
}

/** A message to a reader: words, and no separator of a path. */
function isSentence(text: string): boolean {
  return !/[\\/]/.test(text) && (text.match(/[A-Za-z]{2,} /g) ?? []).length >= 4;
}

const INSTALL_COMMANDS = [
  'install',
  'develop',
  'egg_info',
  'build',
  'build_py',
  'build_ext',
  'build_clib',
  'build_scripts',
  'install_lib',
  'install_scripts',
  'install_data',
  'install_headers',
  'install_egg_info',
  'bdist_wheel',
  'dist_info',
  'editable_wheel',
  'bdist_egg',
  'bdist',
  'sdist',
  'easy_install',
];

/** Whether a command of setup.py is one that installers run while they build or install; the others run when a developer asks. */
export function isInstallCommand(command: string): boolean {
  return INSTALL_COMMANDS.includes(command);
}

/** Whether a command of that kind begins so, or its options do. */
export function isPrefixOfInstall(text: string): boolean {
  return INSTALL_COMMANDS.some((command) => command.startsWith(text));
}

const METADATA_SERVICES =
  /^https?:\/\/(?:169\.254\.169\.254|metadata\.google\.internal|169\.254\.170\.2|100\.100\.100\.200)/i;

/** What a cluster keeps for the programs that run in it. */
const CLUSTER_SECRETS =
  /^https?:\/\/(?:kubernetes(?:\.default(?:\.svc(?:\.cluster\.local)?)?)?|‹os\.environ\[\]›)(?::[\w‹›.[\]]+)?\/api\/v1\/(?:namespaces\/[^/?]+\/)?secrets\b/i;

/** Whether an address is a cloud's metadata service, or the secrets of a cluster: what it answers is credentials. */
export function isMetadataService(url: string): boolean {
  return METADATA_SERVICES.test(url) || CLUSTER_SECRETS.test(url);
}

const IP_SERVICES =
  /(?:api6?\.ipify|ipinfo\.io|ifconfig\.(?:me|co|io)|icanhazip|checkip|ip-api\.com|ipapi\.co|ident\.me|myexternalip|ipecho|wtfismyip|httpbin\.org\/ip|my-?ip|geolocation-db|ipgeolocation|freegeoip|ip\.42\.pl|ipwho|jsonip|api\.myip|freeipapi|iplocation|extreme-ip|ip\.seeip|curlmyip|whatismyip|ip\.me\b|l2\.io\/ip|ipleak|trackip|geoplugin|ipwhois|db-ip)/i;

/** Whether an address answers with the caller's public address. */
export function isAddressService(url: string): boolean {
  return IP_SERVICES.test(url.slice(0, 300));
}

const IDENTITY_COMMANDS =
  /(?:^|[\s;&|"'/\\])(?:whoami|hostname|ipconfig|ifconfig|id|uname|systeminfo|wmic|getmac|dmidecode|ioreg|net user|query user|ip a(?:ddr)?|scutil|sw_vers|lscpu|quser|arp|netstat|nltest|reg query)(?:$|[\s;&|"'])/i;
const ENVIRONMENT_COMMANDS = /(?:^|[\s;&|"'])(?:env|printenv|set)(?:$|[\s;&|"'])|\/environ\b/;
const SECRET_COMMANDS =
  /(?:netsh\s+wlan\s+show|security\s+(?:find|dump)|cmdkey|vaultcmd|aws\s+configure|gcloud\s+auth|kubectl\s+(?:get|config)|gpg\s+--export|gh auth token|docker\s+info|git\s+credential(?:-\w+)?\s+(?:fill|get)|az\s+account\s+get-access-token|op\s+(?:read|item\s+get)|bw\s+(?:get|list)|pass\s+show|security\s+export)/i;

/** `git ls-remote https://…`: the answer comes from there and says nothing of this machine. */
const ASKS_REPOSITORY = /^\s*git\s+ls-remote\s+(?:--?[\w-]+\s+)*(?:https|git):\/\/[^\s;&|`$@]+(?:\s+[\w.*/^{}-]+)*\s*$/;

const CLIPBOARD_COMMANDS =
  /\b(?:Get-Clipboard|pbpaste|wl-paste|termux-clipboard-get)\b|\bxclip\b[^|\n]{0,80}\s-o|\bxsel\b[^|\n]{0,80}\s(?:-\w*o|--output)/i;

/** What the output of a command line says beyond being output. */
export function commandLabels(command: string): number {
  const text = command.slice(0, 4000);
  if (ASKS_REPOSITORY.test(text)) return LABEL.network;
  let bits: number = LABEL.process;
  if (IDENTITY_COMMANDS.test(text)) bits |= LABEL.host;
  if (ENVIRONMENT_COMMANDS.test(text)) bits |= LABEL.environment;
  if (/\b(?:curl|wget|nslookup|dig|Invoke-WebRequest|iwr)\b/i.test(text) && /\w\.\w/.test(text)) bits |= LABEL.network;
  if (SECRET_COMMANDS.test(text)) bits |= LABEL.secretFile;
  if (CLIPBOARD_COMMANDS.test(text)) bits |= LABEL.clipboard;
  const place = pathLabel(text);
  if (place !== LABEL.file && /\b(?:cat|type|more|head|base64|xxd|cp|tar|zip|Get-Content)\b/i.test(text)) bits |= place;
  return bits;
}
