import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { type ConfigInput, loadConfig, maskSecrets } from '../src/config.ts';
import { listConfigPaths, upstreamSchema } from '../src/config-schema.ts';
import { variableOf } from '../src/config-sources.ts';
import { isCordonError } from '../src/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function input(change: Partial<ConfigInput> = {}): ConfigInput {
  return { flags: [], environment: {}, currentFolder: folder, ...change };
}

function writeFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function failure(change: Partial<ConfigInput>): string {
  try {
    loadConfig(input(change));
  } catch (error) {
    if (isCordonError(error, 'CONFIG_INVALID')) return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

const defaults = readFileSync(new URL('../config/default.yaml', import.meta.url), 'utf8');

describe('config/default.yaml', () => {
  test('alone it is a valid configuration', () => {
    const config = loadConfig(input());

    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(config.upstreams.map((upstream) => upstream.url)).toEqual(['https://pypi.org/simple/']);
  });

  test('it holds every key of the schema, and nothing else', () => {
    const document = parseDocument(defaults);

    const missing = listConfigPaths().filter((path) => !document.hasIn(path));

    expect(missing).toEqual([]);
    expect(loadConfig(input())).toBeDefined();
  });

  test('every key is explained by a comment above it or above its section', () => {
    const lines = defaults.split('\n');
    const isComment = (line: string | undefined): boolean => line?.trim().startsWith('#') === true;
    const unexplained = listConfigPaths().filter((path) => {
      let at = 0;
      let section = -1;
      path.forEach((key, depth) => {
        section = at;
        at = lines.findIndex((line, index) => index >= section && line.startsWith(`${'  '.repeat(depth)}${key}:`));
      });
      return !isComment(lines[at - 1]) && !(section === at - 1 && isComment(lines[section - 1]));
    });

    expect(unexplained).toEqual([]);
  });

  test('it names every key of an upstream', () => {
    for (const key of Object.keys(upstreamSchema.shape)) expect(defaults).toContain(key);
  });
});

describe('order of the sources', () => {
  test('a file wins over the defaults, the environment over the file, a flag over the environment', () => {
    const configFile = writeFile(
      'order.yaml',
      'listen: { port: 1001 }\nhold: { hops: 2, waitMs: 900 }\nmode: monitor\n',
    );
    const environment = { CORDON_HOLD_HOPS: '3', CORDON_HOLD_WAIT_MS: '901' };

    const config = loadConfig(input({ configFile, environment, flags: [['hold.hops', '4']] }));

    expect(config.listen).toEqual({ host: '127.0.0.1', port: 1001 });
    expect(config.mode).toBe('monitor');
    expect(config.hold.waitMs).toBe(901);
    expect(config.hold.hops).toBe(4);
  });

  test('cordon.yaml in the current folder is read without being named', () => {
    const path = writeFile('cordon.yaml', 'mode: monitor\n');

    const config = loadConfig(input());
    rmSync(path);

    expect(config.mode).toBe('monitor');
    expect(config.configFile).toBe(path);
  });

  test('each key has its own variable', () => {
    const names = listConfigPaths().map(variableOf);

    expect(new Set(names).size).toBe(names.length);
    expect(variableOf(['scan', 'memoryMiB'])).toBe('CORDON_SCAN_MEMORY_MIB');
    expect(variableOf(['scanAhead', 'maxBytesInFlightMiB'])).toBe('CORDON_SCAN_AHEAD_MAX_BYTES_IN_FLIGHT_MIB');
    expect(variableOf(['publicUrl'])).toBe('CORDON_PUBLIC_URL');
  });

  test('a list in the environment is separated by commas, or YAML', () => {
    const environment = {
      CORDON_PRIVATE_NAMES: 'acme-*, secret',
      CORDON_UPSTREAMS: '[{id: own, url: "https://index.invalid/simple/"}]',
    };

    const config = loadConfig(input({ environment }));

    expect(config.privateNames).toEqual(['acme-*', 'secret']);
    expect(config.upstreams[0]?.projects).toEqual(['*']);
  });

  test('an empty variable counts as not set', () => {
    expect(loadConfig(input({ environment: { CORDON_LISTEN_PORT: '' } })).listen.port).toBe(8080);
  });
});

describe('what stops the start', () => {
  test.each([
    ['a key of the top level', { flags: [['moode', 'monitor']] as const }, 'did you mean "mode"?'],
    ['a key of a section', { flags: [['hold.hop', '1']] as const }, 'did you mean "hold.hops"?'],
    ['a variable', { environment: { CORDON_LISTEN_PROT: '1' } }, 'did you mean "CORDON_LISTEN_PORT"?'],
  ])('%s that is not known is answered with the nearest one', (_, change, hint) => {
    expect(failure(change)).toContain(hint);
  });

  test('an unknown key in a file is named with the file', () => {
    const configFile = writeFile('typo.yaml', 'listen:\n  prot: 1\n');

    expect(failure({ configFile })).toBe(`${configFile}:2: unknown key "listen.prot"; did you mean "listen.port"?`);
  });

  test('an unknown key of an upstream is named', () => {
    const configFile = writeFile('upstream.yaml', 'upstreams: [{ id: a, url: "https://a.invalid/", caFiel: x }]\n');

    expect(failure({ configFile })).toContain('did you mean "caFile"?');
  });

  test('every wrong value is listed at once', () => {
    const message = failure({
      flags: [
        ['listen.port', '70000'],
        ['mode', 'off'],
        ['hold.waitMs', '20000'],
      ],
    });

    expect(message).toContain('listen.port');
    expect(message).toContain('mode');
    expect(message).toContain('hold.waitMs: must be below 15000');
  });

  test('a syntax error names the file and the line', () => {
    const configFile = writeFile('broken.yaml', 'listen:\n  port: [1\n');

    expect(failure({ configFile })).toMatch(/broken\.yaml:3: /);
  });

  test('all that is wrong in any place is said at once, with the place', () => {
    const configFile = writeFile(
      'many.yaml',
      [
        'listen:',
        '  prot: 1',
        '  port: many',
        'upstreams:',
        '  - id: own',
        '    url: https://own.invalid/simple/',
        '    caFiel: x',
        '  - url: nowhere',
        'cooldown: [{ project: "*", newProjectHours: 1, hours: 2, newReleaseHours: 0 }]',
        'hold: 5',
        'modes: monitor',
      ].join('\n'),
    );

    const [head, ...problems] = failure({
      configFile,
      environment: { CORDON_LISTEN_PROT: '1', CORDON_SCAN_RETRIES: '-1', CORDON_FETCH_RETRIES: '[' },
      flags: [
        ['hold.hop', '1'],
        ['mode', 'off'],
      ],
    }).split('\n');

    expect(head).toBe('the settings are not valid:');
    const expected = [
      `${configFile}:2: unknown key "listen.prot"; did you mean "listen.port"?`,
      `${configFile}:3: listen.port: `,
      `${configFile}:7: unknown key "upstreams[1].caFiel"; did you mean "caFile"?`,
      `${configFile}:8: upstreams[2].id: is missing`,
      `${configFile}:8: upstreams[2].url: must be an http or https URL`,
      `${configFile}:9: unknown key "cooldown[1].hours"`,
      `${configFile}:10: hold: `,
      `${configFile}:11: unknown key "modes"; did you mean "mode"?`,
      'CORDON_FETCH_RETRIES: cannot be read',
      'CORDON_LISTEN_PROT: unknown variable; did you mean "CORDON_LISTEN_PORT"?',
      'CORDON_SCAN_RETRIES: ',
      '--set hold.hop: unknown key; did you mean "hold.hops"?',
      '--set mode: Invalid',
    ];
    for (const text of expected) expect(problems).toContainEqual(expect.stringContaining(text));
    expect(problems).toHaveLength(expected.length);
  });

  test.each([
    ['an anchor that is not there', 'listen: *nowhere\n'],
    ['a list at the top', '- listen\n'],
    ['two documents', 'mode: enforce\n---\nmode: monitor\n'],
  ])('%s is named with the file', (_case, text) => {
    const configFile = writeFile('odd.yaml', text);

    expect(failure({ configFile })).toContain('odd.yaml:');
  });

  test('a section without anything in it changes nothing', () => {
    const configFile = writeFile('empty.yaml', 'hold:\n  # hops: 3\nmode: monitor\n');

    expect(loadConfig(input({ configFile }))).toMatchObject({ mode: 'monitor', hold: { hops: 8 } });
  });

  test('every password that is not set is named', () => {
    const configFile = writeFile(
      'two.yaml',
      `upstreams:\n${['a', 'b'].map((id) => `  - { id: ${id}, url: "https://${id}.invalid/", passwordEnv: SECRET_${id} }\n`).join('')}`,
    );

    const message = failure({ configFile });

    expect(message).toContain(
      `${configFile}:2: upstreams[1].passwordEnv: the environment variable SECRET_a is not set`,
    );
    expect(message).toContain(
      `${configFile}:3: upstreams[2].passwordEnv: the environment variable SECRET_b is not set`,
    );
  });

  test('a file that was named and is not there', () => {
    expect(failure({ configFile: 'absent.yaml' })).toContain('cannot read the settings file');
  });

  test('two upstreams with one id', () => {
    const twice = '[{id: a, url: "https://a.invalid/"}, {id: a, url: "https://b.invalid/"}]';

    expect(failure({ environment: { CORDON_UPSTREAMS: twice } })).toContain('two of them have the id "a"');
  });
});

describe('credentials', () => {
  const upstreams =
    'upstreams: [{ id: own, url: "https://own.invalid/simple/", username: ci, passwordEnv: CORDON_OWN_SECRET }]\n';

  test('a password comes from the variable that the settings name, and is masked for readers', () => {
    const configFile = writeFile('credentials.yaml', upstreams);

    const config = loadConfig(input({ configFile, environment: { CORDON_OWN_SECRET: 'hunter2' } }));

    expect(config.upstreams[0]?.credentials).toEqual({ username: 'ci', password: 'hunter2' });
    expect(JSON.stringify(maskSecrets(config))).not.toContain('hunter2');
  });

  test('a variable that is not set stops the start', () => {
    const configFile = writeFile('credentials.yaml', upstreams);

    expect(failure({ configFile })).toContain('CORDON_OWN_SECRET is not set');
  });

  test('a variable that is not set is nothing to who asks no upstream', () => {
    const configFile = writeFile('credentials.yaml', upstreams);

    const config = loadConfig(input({ configFile, needsSecrets: false }));

    expect(config.upstreams[0]?.credentials).toEqual({ username: 'ci', unsetVariable: 'CORDON_OWN_SECRET' });
    expect(maskSecrets(config)).toMatchObject({ upstreams: [{ credentials: { username: 'ci', password: '***' } }] });
  });

  test('a password inside the URL stops the start', () => {
    const upstream = '[{id: a, url: "https://u:hunter2@a.invalid/"}]';

    const message = failure({ environment: { CORDON_UPSTREAMS: upstream } });

    expect(message).toContain('passwordEnv');
    expect(message).not.toContain('hunter2');
  });
});

test('a relative path is relative to the folder of whoever names it', () => {
  const configFile = writeFile('paths.yaml', 'dataFolder: here\n');

  expect(loadConfig(input({ configFile })).dataFolder).toBe(join(folder, 'here'));
  expect(loadConfig(input({ flags: [['dataFolder', 'there']], currentFolder: '/opt' })).dataFolder).toBe('/opt/there');
});

test('the settings cannot be changed after they were read', () => {
  const config = loadConfig(input());

  expect(() => {
    (config.listen as { port: number }).port = 1;
  }).toThrow(TypeError);
});

test('certificate files of the feed and the webhook are relative to the file that names them, and secrets are not shown', () => {
  const configFile = writeFile(
    'routes.yaml',
    [
      'feeds: { osv: { caFile: ca.pem, proxyUrl: "http://user:secret@proxy.example:3128" } }',
      'notify: { caFile: /etc/ca.pem, webhookUrl: "https://chat.example/hook/secret" }',
    ].join('\n'),
  );

  const config = loadConfig(input({ configFile }));

  expect([config.feeds.osv.caFile, config.notify.caFile]).toEqual([join(folder, 'ca.pem'), '/etc/ca.pem']);
  expect(JSON.stringify(maskSecrets(config))).not.toContain('secret');
});
