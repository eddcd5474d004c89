// The built scan child, taking its time: a file named `…_12s-…` is scanned 12 seconds after it was handed over. The scan
// itself, and what it reports, are the real ones. A child has no environment, so the file's name says how slow it is.
const listen = process.on.bind(process);

process.on = (name, listener) => {
  if (name !== 'message') return listen(name, listener);
  return listen(name, (job) => {
    const seconds = Number(/_(\d+)s-/.exec(job.filename)?.[1] ?? 0);
    setTimeout(() => listener(job), seconds * 1000);
  });
};

await import('../../dist/scan/child.js');
