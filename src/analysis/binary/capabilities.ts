// Owns what imported functions make possible. May import binary-facts.ts (types). Start at capabilitiesOf.
import type { Capability, CapabilityKind } from './binary-facts.ts';

const MAX_NAMES = 20;

/** Names without library, leading underscore, and the A or W of Windows. */
const FUNCTIONS: readonly (readonly [CapabilityKind, RegExp])[] = [
  [
    'network',
    /^(?:socket|connect|getaddrinfo|gethostbyname|sendto|WSAStartup|WSASocket|WSAConnect|InternetOpen(?:Url)?|InternetConnect|HttpOpenRequest|HttpSendRequest|WinHttp(?:Open|Connect|SendRequest)|URLDownloadToFile|curl_easy_perform|DnsQuery|SSL_connect)$/,
  ],
  [
    'process',
    /^(?:system|popen|execl|execle|execlp|execv|execve|execvp|fork|vfork|posix_spawnp?|CreateProcess(?:AsUser|WithToken)?|ShellExecute(?:Ex)?|WinExec|NtCreateUserProcess)$/,
  ],
  [
    'injection',
    /^(?:VirtualAllocEx|WriteProcessMemory|CreateRemoteThread(?:Ex)?|NtUnmapViewOfSection|QueueUserAPC|SetThreadContext|NtWriteVirtualMemory|RtlCreateUserThread|NtCreateThreadEx|process_vm_writev|task_for_pid|mach_vm_write|ptrace)$/,
  ],
  [
    'keystrokes',
    /^(?:GetAsyncKeyState|GetKeyboardState|SetWindowsHookEx|RegisterRawInputDevices|CGEventTapCreate|XQueryKeymap|XRecordCreateContext)$/,
  ],
  ['clipboard', /^(?:GetClipboardData|SetClipboardData|AddClipboardFormatListener|SetClipboardViewer)$/],
  ['screenshot', /^(?:BitBlt|GetDesktopWindow|CGDisplayCreateImage|CGWindowListCreateImage|XGetImage)$/],
  [
    'credentials',
    /^(?:CryptUnprotectData|CredEnumerate|CredRead|LsaRetrievePrivateData|SecKeychainFindGenericPassword|SecItemCopyMatching|VaultEnumerateItems|BCryptDecrypt)$/,
  ],
  ['persistence', /^(?:RegSetValueEx|RegCreateKeyEx|CreateService|StartServiceCtrlDispatcher)$/],
  ['anti-debugging', /^(?:IsDebuggerPresent|CheckRemoteDebuggerPresent|NtQueryInformationProcess|OutputDebugString)$/],
  [
    'code-loading',
    /^(?:dlopen|dlsym|LoadLibrary(?:Ex)?|GetProcAddress|LdrLoadDll|VirtualAlloc|VirtualProtect|mprotect|memfd_create|mmap|NSCreateObjectFileImageFromMemory)$/,
  ],
  [
    'encryption',
    /^(?:CryptEncrypt|CryptDecrypt|BCryptEncrypt|EVP_EncryptInit_ex|EVP_DecryptInit_ex|AES_set_encrypt_key)$/,
  ],
  [
    'python-code',
    /^(?:PyRun_\w{1,40}|Py_CompileString\w{0,20}|PyEval_EvalCode(?:Ex)?|PyMarshal_ReadObjectFromString|PyImport_ExecCodeModule\w{0,20})$/,
  ],
];

function plainName(symbol: string): string {
  const name = symbol
    .slice(symbol.lastIndexOf('!') + 1)
    .replace(/@.*$/, '')
    .replace(/^_+/, '');
  return /[a-z](?:A|W)$/.test(name) ? name.slice(0, -1) : name;
}

/** Capabilities of a list of imports, each kind once. Most libraries have some: they are facts, no accusations. */
export function capabilitiesOf(imports: readonly string[]): Capability[] {
  const found = new Map<CapabilityKind, Set<string>>();
  for (const symbol of imports) {
    const name = plainName(symbol);
    for (const [kind, pattern] of FUNCTIONS) {
      if (!pattern.test(name)) continue;
      const names = found.get(kind) ?? new Set<string>();
      if (names.size < MAX_NAMES) names.add(name);
      found.set(kind, names);
    }
  }
  return [...found].map(([kind, names]) => ({ kind, names: [...names] }));
}
