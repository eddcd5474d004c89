// Starts the servers that are compared, each with an empty cache in its own folder, all fetching from the same upstream.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function findProgram(name) {
  for (const folder of [...(process.env.PATH ?? '').split(':'), '/usr/sbin'])
    if (existsSync(join(folder, name))) return join(folder, name);
  return undefined;
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function untilReady(url, child, log) {
  for (let attempt = 0; attempt < 900; attempt++) {
    if (child.exitCode !== null) throw new Error(`${url} ended with ${child.exitCode}: ${log()}`);
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  // nobody else knows of it yet
  child.kill('SIGKILL');
  throw new Error(`${url} did not come up: ${log()}`);
}

function launch(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text = (text + chunk).slice(-4000)));
  return { child, log: () => text };
}

const stop = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  });

async function stopAndRemove(child, folder) {
  await stop(child);
  rmSync(folder, { recursive: true, force: true });
}

/** Peak resident memory of a process and its children, MB. */
export function peakMemory(pid) {
  const peak = (id) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  const children = readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && new RegExp(`^PPid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${id}/status`, 'utf8'));
    } catch {
      return false;
    }
  });
  return { server: Math.round(peak(pid)), children: children.map((id) => Math.round(peak(id))) };
}

export async function startCordon(upstream) {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
  const port = await freePort();
  const config = join(folder, 'cordon.json');
  // JSON is YAML; the upstream is on loopback, which the request guard refuses unless told otherwise.
  writeFileSync(
    config,
    JSON.stringify({
      listen: { host: '127.0.0.1', port },
      dataFolder: join(folder, 'data'),
      // without `upstreams` Cordon's default stands: pypi.org
      ...(upstream.pypi === undefined
        ? {
            upstreams: [
              { id: 'pypi', url: `${upstream.url}/simple/`, fileOrigins: [upstream.url], allowPrivateAddresses: true },
            ],
          }
        : {}),
      feeds: { osv: { enabled: false } },
      log: { level: 'warn' },
    }),
  );
  const { child, log } = launch(process.execPath, [join(root, 'dist/cli.js'), 'serve', '--config', config], {
    cwd: folder,
  });
  await untilReady(`http://127.0.0.1:${port}/healthz`, child, log);
  return {
    name: 'cordon',
    url: `http://127.0.0.1:${port}`,
    simple: '/simple',
    pid: child.pid,
    log,
    close: () => stopAndRemove(child, folder),
  };
}

export async function startNginx(upstream) {
  const nginx = findProgram('nginx');
  if (nginx === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'nginx-bench-'));
  const port = await freePort();
  mkdirSync(join(folder, 'cache'));
  const cache = `proxy_cache c; proxy_cache_lock on; proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s; proxy_cache_valid 200 10m; proxy_http_version 1.1; proxy_set_header Connection "";`;
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid() === 0 ? 'user root; ' : ''}worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events { worker_connections 2048; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
gzip on; gzip_types application/vnd.pypi.simple.v1+json; gzip_comp_level 1; gzip_proxied any;
proxy_cache_path ${folder}/cache keys_zone=c:10m max_size=10g inactive=1d use_temp_path=off;
upstream u { server 127.0.0.1:${upstream.port}; keepalive 32; }
server { listen 127.0.0.1:${port} backlog=2048; location / { proxy_pass http://u; ${cache} } } }`,
  );
  const { child, log } = launch(nginx, ['-c', join(folder, 'nginx.conf'), '-p', folder]);
  await untilReady(`http://127.0.0.1:${port}/none`, child, log);
  return {
    name: 'nginx',
    url: `http://127.0.0.1:${port}`,
    simple: '/simple',
    pid: child.pid,
    log,
    close: () => stopAndRemove(child, folder),
  };
}

/** @param venv folder of a virtual environment that holds devpi-server */
export async function startDevpi(upstream, venv) {
  const folder = mkdtempSync(join(tmpdir(), 'devpi-bench-'));
  const port = await freePort();
  const bin = (name) => join(venv, 'bin', name);
  execFileSync(bin('devpi-init'), ['--serverdir', folder, '--no-root-pypi'], { stdio: 'ignore' });
  const { child, log } = launch(bin('devpi-server'), [
    '--serverdir',
    folder,
    '--port',
    String(port),
    '--threads',
    '50',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/+api`, child, log);
  const login = await (
    await fetch(`${url}/+login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'root', password: '' }),
    })
  ).json();
  const token = Buffer.from(`root:${login.result.password}`).toString('base64');
  const made = await fetch(`${url}/root/bench`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-devpi-auth': token },
    body: JSON.stringify({
      type: 'mirror',
      mirror_url: `${upstream.url}/simple/`,
      mirror_cache_expiry: 600,
      mirror_use_external_urls: false,
    }),
  });
  if (!made.ok) throw new Error(`devpi index: ${made.status} ${await made.text()}`);
  return {
    name: 'devpi',
    url,
    simple: '/root/bench/+simple',
    pid: child.pid,
    log,
    close: () => stopAndRemove(child, folder),
  };
}

/** @param venv folder of a virtual environment that holds proxpi and gunicorn */
export async function startProxpi(upstream, venv) {
  const folder = mkdtempSync(join(tmpdir(), 'proxpi-bench-'));
  const port = await freePort();
  const { child, log } = launch(
    join(venv, 'bin', 'gunicorn'),
    ['--threads', '8', '--worker-class', 'gthread', '--bind', `127.0.0.1:${port}`, 'proxpi.server:app'],
    {
      env: {
        ...process.env,
        PROXPI_INDEX_URL: `${upstream.url}/simple/`,
        PROXPI_CACHE_DIR: folder,
        PROXPI_DOWNLOAD_TIMEOUT: '60',
      },
    },
  );
  await untilReady(`http://127.0.0.1:${port}/health`, child, log);
  return {
    name: 'proxpi',
    url: `http://127.0.0.1:${port}`,
    simple: '/index',
    pid: child.pid,
    log,
    close: () => stopAndRemove(child, folder),
  };
}
