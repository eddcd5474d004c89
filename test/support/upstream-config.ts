import type { UpstreamId } from '../../src/pypi/model.ts';
import type { UpstreamConfig } from '../../src/upstream/config.ts';
import type { FakePypi } from '../fakes/fake-pypi.ts';

/** Settings that reach a fake index, with short time-outs. */
export function makeUpstreamConfig(fake: FakePypi, change: Partial<UpstreamConfig> = {}): UpstreamConfig {
  return {
    id: 'pypi' as UpstreamId,
    url: fake.url,
    projects: ['*'],
    fileOrigins: [fake.fileOrigin],
    jsonApi: `${fake.origin}/pypi/`,
    allowPrivateAddresses: true,
    timeouts: { connectMs: 1000, headersMs: 1000, progressMs: 300 },
    documentMs: 5_000,
    listMs: 5_000,
    retries: 0,
    maxPageBytes: 8 * 1024 * 1024,
    maxMetadataBytes: 1024 * 1024,
    ...change,
  };
}
