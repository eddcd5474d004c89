// Owns the one frozen settings object; the only file that reads the environment. May import zod, yaml and errors.
// Start at loadConfig. What each key means stands in config/default.yaml.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConfigIssue, describeIssues, issueOf, listProblems } from './config-problems.ts';
import { configSchema, type RawConfig } from './config-schema.ts';
import {
  type ConfigSource,
  type ConfigTree,
  mergeSources,
  parseConfigFile,
  readFlags,
  readVariables,
  unreadableFile,
} from './config-sources.ts';
import { CordonError } from './errors.ts';

type RawUpstream = RawConfig['upstreams'][number];

/** One upstream with its credentials read. */
export interface UpstreamConfig extends Omit<RawUpstream, 'username' | 'passwordEnv'> {
  readonly credentials:
    | { readonly username: string; readonly password: string }
    /** the variable that should hold the password; only where needsSecrets is false */
    | { readonly username: string; readonly unsetVariable: string }
    | undefined;
}

/** All settings, validated, with absolute paths; frozen. */
export interface Config extends Omit<RawConfig, 'upstreams'> {
  readonly upstreams: readonly UpstreamConfig[];
  /** the installation: the folder that holds `config/` and `dist/` */
  readonly installFolder: string;
  /** the user's own file, if one was read */
  readonly configFile: string | undefined;
}

export interface ConfigInput {
  /** the user's file; undefined: CORDON_CONFIG, then `cordon.yaml` in the current folder */
  readonly configFile?: string;
  /** pairs of dotted key and text */
  readonly flags: readonly (readonly [string, string])[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly currentFolder: string;
  /** false: only who asks the upstream itself misses a password whose variable is not set; default true: it stops the start */
  readonly needsSecrets?: boolean;
}

const INSTALL_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const DEFAULTS_FILE = resolve(INSTALL_FOLDER, 'config', 'default.yaml');

/** Settings of the CLI itself that come from the environment. */
export interface CliEnvironment {
  readonly url: string | undefined;
  readonly token: string | undefined;
}

/** Where a remote server is and how to prove who asks: CORDON_URL, CORDON_TOKEN. */
export function readCliEnvironment(): CliEnvironment {
  return { url: process.env['CORDON_URL'], token: process.env['CORDON_TOKEN'] };
}

/** Whether colours are unwanted. @see https://no-color.org */
export function isNoColor(): boolean {
  return (process.env['NO_COLOR'] ?? '') !== '';
}

/** The environment and folder of this process, as loadConfig takes them. */
export function processInput(): Pick<ConfigInput, 'environment' | 'currentFolder'> {
  return { environment: process.env, currentFolder: process.cwd() };
}

/** Paths are relative to the folder of whoever names them. */
const PATH_KEYS = ['dataFolder', 'policyFile', 'popularProjectsFile'] as const;

/** Makes `caFile` of a section absolute, along a copied path: the source itself is not changed. */
function resolveCaFile(tree: Record<string, unknown>, path: readonly string[], folder: string): void {
  const [key, ...rest] = path;
  if (key === undefined) {
    const caFile = tree['caFile'];
    if (typeof caFile === 'string') tree['caFile'] = resolve(folder, caFile);
    return;
  }
  const section = tree[key];
  if (typeof section !== 'object' || section === null || Array.isArray(section)) return;
  const copy: Record<string, unknown> = { ...section };
  tree[key] = copy;
  resolveCaFile(copy, rest, folder);
}

function withAbsolutePaths(source: ConfigSource, folder: string): ConfigSource {
  const tree: Record<string, unknown> = { ...source.tree };
  for (const key of PATH_KEYS) {
    const value = tree[key];
    if (typeof value === 'string' && value !== '') tree[key] = resolve(folder, value);
  }
  const upstreams: unknown = tree['upstreams'];
  if (Array.isArray(upstreams)) {
    tree['upstreams'] = (upstreams as readonly unknown[]).map((upstream) => {
      const caFile = (upstream as { caFile?: unknown } | null)?.caFile;
      return typeof caFile === 'string' ? { ...(upstream as object), caFile: resolve(folder, caFile) } : upstream;
    });
  }
  for (const path of [['feeds', 'osv'], ['notify']]) resolveCaFile(tree, path, folder);
  return { ...source, tree };
}

function readFile(path: string): ConfigSource {
  try {
    return withAbsolutePaths(parseConfigFile(readFileSync(path, 'utf8'), path), dirname(path));
  } catch (error) {
    return unreadableFile(path, error);
  }
}

function findConfigFile(input: ConfigInput): string | undefined {
  const named = input.configFile ?? input.environment['CORDON_CONFIG'];
  if (named !== undefined && named !== '') return resolve(input.currentFolder, named);
  const usual = resolve(input.currentFolder, 'cordon.yaml');
  return existsSync(usual) ? usual : undefined;
}

function passwordVariables(tree: ConfigTree): ReadonlySet<string> {
  const upstreams: unknown = tree['upstreams'];
  if (!Array.isArray(upstreams)) return new Set();
  const names = (upstreams as readonly { readonly passwordEnv?: unknown }[]).map((upstream) => upstream.passwordEnv);
  return new Set(names.filter((name) => typeof name === 'string'));
}

function readCredentials(upstream: RawUpstream, environment: ConfigInput['environment']): UpstreamConfig {
  const { username, passwordEnv, ...rest } = upstream;
  if (passwordEnv === null) {
    return { ...rest, credentials: username === null ? undefined : { username, password: '' } };
  }
  const password = environment[passwordEnv] ?? '';
  const secret = password === '' ? { unsetVariable: passwordEnv } : { password };
  return { ...rest, credentials: { username: username ?? '__token__', ...secret } };
}

function checkCredentials(
  { url, passwordEnv }: RawUpstream,
  index: number,
  { environment, needsSecrets = true }: ConfigInput,
): readonly ConfigIssue[] {
  if (new URL(url).password !== '') {
    return [issueOf(['upstreams', index, 'url'], 'holds a password; use username and passwordEnv instead')];
  }
  const isUnset = passwordEnv !== null && (environment[passwordEnv] ?? '') === '';
  if (!isUnset || !needsSecrets) return [];
  return [issueOf(['upstreams', index, 'passwordEnv'], `the environment variable ${passwordEnv} is not set`)];
}

/** What no single value shows. */
function checkWhole(config: RawConfig, input: ConfigInput): readonly ConfigIssue[] {
  const issues = config.upstreams.flatMap((upstream, index) => checkCredentials(upstream, index, input));
  const ids = config.upstreams.map((upstream) => upstream.id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice >= 0) issues.push(issueOf(['upstreams', twice, 'id'], `two of them have the id "${ids[twice] ?? ''}"`));
  if (config.thresholds.quarantine > config.thresholds.refuse) {
    issues.push(issueOf(['thresholds', 'quarantine'], 'must not be above thresholds.refuse'));
  }
  return issues;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const below of Object.values(value)) freeze(below);
  }
  return value;
}

/** The settings, or all that is wrong with them. */
export interface InspectedConfig {
  /** undefined: they are not valid */
  readonly config: Config | undefined;
  /** one line each, with its place */
  readonly problems: readonly string[];
  /** also of settings that are not valid, where it is known */
  readonly policyFile: string | undefined;
}

/** Reads the settings: defaults < file < environment < flags. Never throws for what is written in them. */
export function inspectConfig(input: ConfigInput): InspectedConfig {
  const configFile = findConfigFile(input);
  const files = [readFile(DEFAULTS_FILE), ...(configFile === undefined ? [] : [readFile(configFile)])];
  const variables = readVariables(input.environment, passwordVariables(mergeSources(files)));
  const sources = [
    ...files,
    withAbsolutePaths(variables, input.currentFolder),
    withAbsolutePaths(readFlags(input.flags), input.currentFolder),
  ];
  const tree = mergeSources(sources);
  const parsed = configSchema.safeParse(tree);
  const issues = parsed.success ? checkWhole(parsed.data, input) : describeIssues(parsed.error, tree);
  const problems = listProblems(issues, sources);
  const policyFile = typeof tree['policyFile'] === 'string' ? tree['policyFile'] : undefined;
  if (!parsed.success || problems.length > 0) return { config: undefined, problems, policyFile };
  const upstreams = parsed.data.upstreams.map((upstream) => readCredentials(upstream, input.environment));
  const config = freeze({ ...parsed.data, upstreams, installFolder: INSTALL_FOLDER, configFile });
  return { config, problems, policyFile };
}

/** The failure of settings with these problems. */
export function configFailure(problems: readonly string[]): CordonError {
  const [first = '', ...more] = problems;
  const message = more.length === 0 ? first : `the settings are not valid:\n  ${problems.join('\n  ')}`;
  return new CordonError('CONFIG_INVALID', message);
}

/**
 * Reads the settings: defaults < file < environment < flags.
 *
 * @throws CordonError CONFIG_INVALID naming all problems, each with its place, an unknown key with the nearest known one
 */
export function loadConfig(input: ConfigInput): Config {
  const { config, problems } = inspectConfig(input);
  if (config === undefined) throw configFailure(problems);
  return config;
}

/** Cordon's URL as clients see it, without a slash at the end, e.g. `http://127.0.0.1:8080`. */
export function publicUrlOf(config: Pick<Config, 'publicUrl' | 'listen' | 'pathPrefix'>): string {
  if (config.publicUrl !== null) return config.publicUrl.replace(/\/+$/, '');
  const isAny = config.listen.host === '0.0.0.0' || config.listen.host === '::';
  const host = isAny ? '127.0.0.1' : config.listen.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(config.listen.port)}${config.pathPrefix}`;
}

function maskProxy(url: string | null): string | null {
  return url === null ? null : url.replace(/\/\/[^@/]*@/, '//***@');
}

/** The settings without secrets, for people to read. */
export function maskSecrets(config: Config): unknown {
  return {
    ...config,
    upstreams: config.upstreams.map((upstream) => ({
      ...upstream,
      credentials:
        upstream.credentials === undefined ? undefined : { username: upstream.credentials.username, password: '***' },
      proxyUrl: maskProxy(upstream.proxyUrl),
    })),
    feeds: { osv: { ...config.feeds.osv, proxyUrl: maskProxy(config.feeds.osv.proxyUrl) } },
    notify: {
      ...config.notify,
      proxyUrl: maskProxy(config.notify.proxyUrl),
      // the path of a chat server's webhook is its password
      webhookUrl: config.notify.webhookUrl === null ? null : `${new URL(config.notify.webhookUrl).origin}/***`,
    },
    admin: { tokens: config.admin.tokens.map((token) => ({ name: token.name, sha256: '***' })) },
  };
}
