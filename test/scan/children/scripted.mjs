// A scan child that does what the filename tells, so that the pool's handling of losses can be tested without hostile input.
// `die`, `hang`, `hog`, `lie`, `mumble`, `boast`, `stutter`, `invent`, `throw`, `unreadable`; `die-once` and the like do it for the first file of the pool only.
const summary = {
  members: {},
  startUpFiles: [],
  nativeBinaries: [],
  hosts: [],
  sinks: [],
  longestLiteral: 0,
  pythonBytes: 0,
  unpackedBytes: 0,
  memberCount: 0,
};

function report(job) {
  const { sha256, filename, ruleset } = job;
  return { schema: 1, sha256, filename, sizeBytes: 1, ruleset, score: 0, findings: [], summary, elapsedMs: 1 };
}

function act(job) {
  const { id } = job;
  const [deed, once] = job.filename.split('-');
  if (once === 'once' && id > 1) {
    return { kind: 'report', id, report: report(job) };
  }
  switch (deed) {
    case 'die':
      return process.exit(9);
    case 'hang':
      for (;;);
    case 'hog': {
      const held = [];
      for (;;) held.push(Buffer.alloc(16 * 2 ** 20, 1));
    }
    case 'lie':
      return { kind: 'report', id, report: { ...report(job), sha256: 'another' } };
    case 'mumble':
      return { kind: 'report', id };
    case 'boast':
      return { kind: 'report', id, report: { ...report(job), ruleset: 'rules-of-tomorrow' } };
    case 'stutter':
      return { kind: 'report', id, report: { ...report(job), score: Number.NaN } };
    case 'invent':
      return { kind: 'whatever', id, report: report(job) };
    case 'throw':
      return { kind: 'failed', id, message: 'TypeError: x is not a function' };
    case 'vary':
      return { kind: 'failed', id, message: `Error: ${Math.random()}` };
    case 'unreadable':
      return { kind: 'failed', id, systemCode: 'ENOENT', message: 'no such file' };
    default:
      return { kind: 'report', id, report: report(job), coreMetadata: Buffer.from(JSON.stringify(process.env)) };
  }
}

process.on('message', (job) => {
  const wait = job.filename.startsWith('slow') ? 60 : 0;
  setTimeout(() => process.send(act(job)), wait);
});
process.on('disconnect', () => process.exit(0));
