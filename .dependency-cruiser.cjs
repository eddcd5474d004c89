// The arrows of docs/architecture.md as forbidden edges. `npm run layers` runs them; test/layers.test.ts plants one violation a rule.
const src = (...folders) => `^src/(?:${folders.join('|')})(?:/|\\.ts$)`;
/** Everything of `src` but these folders and these exact root files. */
const allBut = (...allowed) => `^src/(?!(?:${allowed.join('|')})(?:/|\\.ts$))`;
const NODE_IO =
  '^(?:node:)?(?:fs|net|tls|http|https|http2|dns|dgram|child_process|cluster|worker_threads|os|process|readline|repl|timers|inspector|perf_hooks|v8|vm|async_hooks|diagnostics_channel|tty|module|sqlite|test|wasi)(?:/|$)';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const mayImport = (name, folder, allowed, comment = `${folder} may import ${allowed.join(', ')} only`) =>
  forbid(name, comment, { path: src(folder) }, { path: allBut(folder, 'errors', ...allowed) });
const onlyIn = (name, npmPackage, folders) =>
  forbid(
    name,
    `${npmPackage} belongs to ${folders.join(', ')}`,
    { path: '^src/', pathNot: `^src/(?:${folders.join('|')})(?:/|\\.ts$)` },
    { path: `(?:^|node_modules/)(?:@types/)?${npmPackage}(?:/|$)` },
  );

module.exports = {
  forbidden: [
    forbid(
      'no-cycles',
      'a cycle hides who depends on whom; two types may name each other',
      { path: '^src/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'src-never-imports-test',
      'tests know the code, not the other way round',
      { path: '^src/' },
      { path: '^(?:test|bench)/' },
    ),
    forbid(
      'pure-folders-do-no-io',
      'pypi, analysis and policy take values and give values',
      { path: src('pypi', 'analysis', 'policy') },
      { path: NODE_IO },
    ),
    forbid(
      'pure-folders-use-pure-packages',
      'the npm packages that the pure folders may use do no I/O',
      { path: src('pypi', 'analysis', 'policy') },
      {
        path: 'node_modules/',
        pathNot: '(?:^|/)node_modules/(?:@types/node|zod|yaml|htmlparser2)/',
      },
    ),
    mayImport('pypi-stands-alone', 'pypi', []),
    mayImport('analysis-sees-pypi', 'analysis', ['pypi']),
    mayImport('policy-sees-analysis', 'policy', ['analysis', 'pypi']),
    mayImport('ports-see-pure-folders', 'ports', ['policy', 'analysis', 'pypi']),
    mayImport('index-sees-ports', 'index', ['ports', 'policy', 'analysis', 'pypi']),
    mayImport('judge-sees-index', 'judge', ['index', 'ports', 'policy', 'analysis', 'pypi']),
    mayImport('intake-sees-judge', 'intake', ['judge', 'index', 'ports', 'policy', 'analysis', 'pypi']),
    mayImport('gate-sees-intake', 'gate', ['intake', 'judge', 'index', 'ports', 'policy', 'analysis', 'pypi']),
    mayImport('admin-sees-intake', 'admin', ['intake', 'judge', 'index', 'ports', 'policy', 'analysis', 'pypi']),
    mayImport('jobs-see-intake', 'jobs', ['intake', 'judge', 'index', 'ports', 'policy', 'analysis', 'pypi']),
    mayImport('http-sees-routes', 'http', [
      'gate',
      'admin',
      'jobs',
      'intake',
      'judge',
      'index',
      'ports',
      'policy',
      'analysis',
      'pypi',
    ]),
    mayImport('upstream-sees-ports', 'upstream', ['ports', 'policy', 'analysis', 'pypi']),
    mayImport('scan-sees-ports', 'scan', ['ports', 'policy', 'analysis', 'pypi']),
    mayImport('storage-sees-ports', 'storage', ['ports', 'policy', 'analysis', 'pypi']),
    mayImport('feeds-see-ports', 'feeds', ['ports', 'policy', 'analysis', 'pypi']),
    forbid(
      'only-main-wires',
      'adapters are created in main.ts and main-*.ts; commands reach a server or the rooms that they open',
      { path: '^src/', pathNot: '^src/main[a-z-]*\\.ts$|^src/(?:upstream|storage|feeds)/' },
      { path: '^src/(?:upstream|storage|feeds)/' },
    ),
    forbid(
      'only-the-scan-child-runs-the-analysis',
      'of scan, the child and what runs in its process alone load the engine; the rest sees its types and its report',
      { path: '^src/scan/', pathNot: '^src/scan/child' },
      { path: '^src/analysis/', pathNot: '^src/analysis/(?:report/|byte-source)', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'the-scan-child-is-small',
      'the process that reads hostile bytes reaches nothing but the analysis and pypi',
      { path: '^src/scan/child' },
      { path: '^src/', pathNot: '^src/(?:analysis|pypi|scan)/|^src/errors\\.ts$', reachable: true },
    ),
    forbid(
      'detectors-are-strangers',
      'what two detectors need goes to evidence or below',
      { path: '^src/analysis/detectors/', pathNot: '^src/analysis/detectors/index\\.ts$' },
      { path: '^src/analysis/detectors/', pathNot: '^src/analysis/detectors/detector\\.ts$' },
    ),
    forbid(
      'every-detector-is-in-the-list',
      'a detector that detectors/index.ts does not reach never runs',
      { path: '^src/analysis/detectors/index\\.ts$' },
      {
        path: '^src/analysis/detectors/',
        pathNot: '^src/analysis/detectors/(?:index|detector)\\.ts$',
        reachable: false,
      },
    ),
    forbid(
      'rooms-below-evidence-do-not-look-up',
      'archive, python, script and binary say what bytes are; evidence and detectors build on them',
      { path: '^src/analysis/(?:archive|python|script|binary|report)/' },
      { path: '^src/analysis/(?:evidence|detectors)/' },
    ),
    forbid(
      'evidence-does-not-see-detectors',
      'evidence is the same for every detector',
      { path: '^src/analysis/evidence/' },
      { path: '^src/analysis/detectors/' },
    ),
    forbid(
      'vocabulary-sees-nothing',
      'lists of names are under everything that reads them',
      { path: '^src/analysis/vocabulary/' },
      { path: '^src/(?!analysis/vocabulary/)' },
    ),
    forbid(
      'report-sees-nothing-of-analysis',
      'a report is plain data',
      { path: '^src/analysis/report/' },
      { path: '^src/analysis/(?!report/)' },
    ),
    onlyIn('better-sqlite3-in-storage', 'better-sqlite3', ['storage/sqlite']),
    onlyIn('undici-in-upstream', 'undici', ['upstream']),
    onlyIn('express-in-http', 'express', ['http']),
    onlyIn('proxy-middleware-in-http', 'http-proxy-middleware', ['http']),
    onlyIn('prom-client-in-metrics', 'prom-client', ['metrics']),
    onlyIn('pino-in-log', 'pino', ['log']),
    onlyIn('commander-in-cli', 'commander', ['cli', 'commands']),
    forbid(
      'child-process-in-scan',
      'only scan starts processes',
      { path: '^src/', pathNot: '^src/scan/' },
      { path: '^(?:node:)?child_process$' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
