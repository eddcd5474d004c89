// The index that every contestant of the benchmark fetches from: one 2,500-file project, and wheels of 200 KB and 50 MB
// that are real archives (one stored member of noise beside a small module). Counts what it is asked.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { crc32 } from 'node:zlib';

/** Builds a wheel of about `sizeBytes`: valid zip, RECORD with true digests, so that a strict scanner allows it. */
export function makeWheel(project, version, sizeBytes) {
  const stem = `${project.replaceAll('-', '_')}-${version}`;
  const pkg = project.replaceAll('-', '_');
  const files = [
    [`${pkg}/__init__.py`, Buffer.from(`"""Benchmark project."""\n\n__version__ = "${version}"\n`)],
    [`${pkg}/noise.bin`, randomBytes(Math.max(1, sizeBytes - 1500))],
    [
      `${stem}.dist-info/METADATA`,
      Buffer.from(`Metadata-Version: 2.1\nName: ${project}\nVersion: ${version}\nSummary: Benchmark\n`),
    ],
    [
      `${stem}.dist-info/WHEEL`,
      Buffer.from('Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
    ],
  ];
  const record = files.map(
    ([name, body]) => `${name},sha256=${createHash('sha256').update(body).digest('base64url')},${body.length}`,
  );
  const recordName = `${stem}.dist-info/RECORD`;
  files.push([recordName, Buffer.from([...record, `${recordName},,`, ''].join('\n'))]);
  return { filename: `${stem}-py3-none-any.whl`, bytes: zip(files) };
}

function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, body] of files) {
    const encoded = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(0x21, 12);
    head.writeUInt32LE(crc32(body), 14);
    head.writeUInt32LE(body.length, 18);
    head.writeUInt32LE(body.length, 22);
    head.writeUInt16LE(encoded.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(0x0314, 4);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE((0o100644 << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    parts.push(head, encoded, body);
    directory.push(entry, encoded);
    offset += head.length + encoded.length + body.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @returns the server's URL, its projects, and `counts`: path → GETs */
export async function startUpstream() {
  const counts = new Map();
  const projects = new Map();
  const blobs = new Map();
  const addProject = (name, files, extra = 0) => {
    const listed = files.map(({ filename, bytes }, position) => {
      const digest = sha256(bytes);
      const path = `/packages/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest.slice(4)}/${filename}`;
      blobs.set(path, bytes);
      return {
        filename,
        url: path,
        hashes: { sha256: digest },
        size: bytes.length,
        'requires-python': '>=3.8',
        'upload-time': `2020-01-01T00:00:${String(position % 60).padStart(2, '0')}.000000Z`,
        yanked: false,
      };
    });
    for (let index = 0; index < extra; index++) {
      const digest = sha256(`${name} ${index}`);
      const filename = `${name.replaceAll('-', '_')}-0.${index}-py3-none-any.whl`;
      listed.push({
        filename,
        url: `/packages/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest.slice(4)}/${filename}`,
        hashes: { sha256: digest },
        size: 1000 + index,
        'requires-python': '>=3.8',
        'upload-time': '2020-01-01T00:00:00.000000Z',
        yanked: false,
        'core-metadata': { sha256: sha256(`m${index}`) },
      });
    }
    const body = {
      meta: { 'api-version': '1.1' },
      name,
      versions: listed.map((file) => file.filename.split('-')[1]),
      files: listed,
    };
    projects.set(name, { body, json: Buffer.from(JSON.stringify(body)) });
    return listed;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const page = /^\/simple\/([^/]+)\/$/.exec(path);
    const project = page && projects.get(page[1]);
    if (project) {
      const wantsJson = (request.headers.accept ?? '').includes('json');
      const body = wantsJson ? project.json : Buffer.from(renderHtml(project.body));
      const etag = `"${sha256(body).slice(0, 16)}"`;
      const headers = {
        'content-type': wantsJson ? 'application/vnd.pypi.simple.v1+json' : 'text/html',
        etag,
        vary: 'Accept',
        'cache-control': 'max-age=600, public',
        'content-length': body.length,
      };
      if (request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end();
      return response.writeHead(200, headers).end(body);
    }
    if (path === '/simple/') {
      // devpi and proxpi ask the root list whether a project exists.
      const names = [...projects.keys()];
      const wantsJson = (request.headers.accept ?? '').includes('json');
      const list = wantsJson
        ? JSON.stringify({ meta: { 'api-version': '1.1' }, projects: names.map((name) => ({ name })) })
        : `<!DOCTYPE html><html><body>${names.map((name) => `<a href="/simple/${name}/">${name}</a>`).join('\n')}</body></html>`;
      response.writeHead(200, { 'content-type': wantsJson ? 'application/vnd.pypi.simple.v1+json' : 'text/html' });
      return response.end(list);
    }
    const blob = blobs.get(path);
    if (blob === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': blob.length,
      etag: `"${sha256(path).slice(0, 16)}"`,
      'cache-control': 'max-age=365000000, immutable, public',
    });
    return response.end(request.method === 'HEAD' ? undefined : blob);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    addProject,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

function renderHtml(body) {
  const links = body.files.map(
    (file) =>
      `<a href="${file.url}#sha256=${file.hashes.sha256}" data-requires-python="&gt;=3.8">${file.filename}</a><br />`,
  );
  return `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"><title>Links for ${body.name}</title></head><body><h1>Links for ${body.name}</h1>\n${links.join('\n')}\n</body></html>`;
}
