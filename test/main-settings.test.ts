import { describe, expect, test } from 'vitest';
import { routeTo } from '../src/main-settings.ts';

const OWN = { proxyUrl: null, caFile: null };
const upstream = (url: string, change: object) => ({
  id: 'x',
  url,
  projects: ['*'],
  fileOrigins: [],
  jsonApi: null,
  caFile: null,
  proxyUrl: null,
  allowPrivateAddresses: false,
  credentials: undefined,
  ...change,
});
const INTERNAL = upstream('https://index.internal.example/simple/', {
  projects: ['acme-*'],
  caFile: '/internal.pem',
  credentials: { username: 'cordon', password: 'secret' },
});
const PUBLIC = upstream('https://pypi.org/simple/', { proxyUrl: 'http://proxy.example:3128', caFile: '/company.pem' });

describe('the way to the feed and to the webhook', () => {
  test.each([
    [
      'is that of the public upstream',
      'https://feed.example/all.zip',
      OWN,
      { proxyUrl: PUBLIC.proxyUrl, caFile: '/company.pem' },
    ],
    ['may be straight', 'https://chat.example/hook', { proxyUrl: 'none', caFile: null }, { caFile: '/company.pem' }],
    [
      'may be its own',
      'https://feed.example/all.zip',
      { proxyUrl: 'http://other.example:1', caFile: '/other.pem' },
      { proxyUrl: 'http://other.example:1', caFile: '/other.pem' },
    ],
    [
      'is that of the upstream beside it, with its login',
      'https://index.internal.example/osv/all.zip',
      OWN,
      { caFile: '/internal.pem', credentials: INTERNAL.credentials },
    ],
  ])('%s', (_case, url, own, expected) => {
    expect(routeTo(url, own, { upstreams: [INTERNAL, PUBLIC] })).toEqual(expected);
  });

  test('without settings is nothing special', () => {
    expect(routeTo('https://feed.example/', OWN, { upstreams: [upstream('https://pypi.org/simple/', {})] })).toEqual(
      {},
    );
  });
});
