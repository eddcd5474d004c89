import { createHash } from 'node:crypto';
import express from 'express';
import request from 'supertest';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AdminRequest } from '../../src/admin/admin-request.ts';
import { isKnownHost, isOwnOrigin } from '../../src/http/admin-access.ts';
import { adminRoutes } from '../../src/http/admin-routes.ts';
import { silentLog } from '../fakes/silent-log.ts';

const TOKEN = 'cordon-token-of-ada';
const tokens = [
  { name: 'bob', sha256: createHash('sha256').update('another').digest('hex') },
  { name: 'ada', sha256: createHash('sha256').update(TOKEN).digest('hex') },
];
let asked: AdminRequest[] = [];
const app = express().use(
  '/-/api',
  adminRoutes({
    answer: async (question) => {
      asked.push(question);
      return { status: 200, value: { ok: true } };
    },
    tokens,
    log: silentLog,
  }),
);
beforeEach(() => {
  asked = [];
});

describe('a credential is needed', () => {
  test.each([
    ['no header', undefined, 'a bearer token is needed'],
    ['a wrong token', 'Bearer nope', 'does not know the token'],
    ['the digest instead of the token', `Bearer ${tokens[1]?.sha256 ?? ''}`, 'does not know the token'],
    ['another scheme', `Basic ${TOKEN}`, 'does not know the token'],
  ])('%s is answered 401 with what is missing, and nothing is asked', async (_, authorization, why) => {
    const call = request(app).post('/-/api/entries').send({ effect: 'deny' });
    const answer = await (authorization === undefined ? call : call.set('Authorization', authorization));

    expect(answer.status).toBe(401);
    expect((answer.body as { detail: string }).detail).toContain(why);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(asked).toEqual([]);
  });

  test('a path whose escapes are broken is a wrong call', async () => {
    const answer = await request(app).get('/-/api/entries/%zz').set('Authorization', `Bearer ${TOKEN}`);

    expect(answer.status).toBe(400);
    expect(asked).toEqual([]);
  });

  test('with a token the request is asked in its holder’s name', async () => {
    const answer = await request(app)
      .delete('/-/api/entries/a%2Fb?reason=over')
      .set('Authorization', `Bearer ${TOKEN}`);

    expect(answer.status).toBe(200);
    expect(asked).toMatchObject([
      { method: 'DELETE', path: ['entries', 'a/b'], query: { reason: 'over' }, actor: 'token:ada', isLocal: false },
    ]);
  });
});

test('a body that is no JSON is a bad request without a stack trace', async () => {
  const answer = await request(app)
    .post('/-/api/entries')
    .set('Authorization', `Bearer ${TOKEN}`)
    .set('Content-Type', 'application/json')
    .send('{ "effect": ');

  expect(answer.status).toBe(400);
  expect(answer.text).not.toContain('at ');
});

describe('names of this server', () => {
  test.each([
    ['127.0.0.1:8080', true],
    ['localhost', true],
    ['[::1]:8080', true],
    ['PyPI.example.invalid', true],
    ['pypi.example.invalid.:443', true],
    ['evil.invalid', false],
    ['127.0.0.1.evil.invalid', false],
    ['localhost.evil.invalid:8080', false],
    [undefined, false],
  ])('Host %s: %s', (host, expected) => {
    expect(isKnownHost(host, ['pypi.example.invalid'])).toBe(expected);
  });

  test.each([
    [{}, true],
    [{ origin: 'https://a.invalid' }, true],
    [{ origin: 'https://a.invalid', 'sec-fetch-site': 'same-origin' }, true],
    [{ origin: 'https://a.invalid.b.invalid' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
  ])('origin %j: %s', (headers, expected) => {
    expect(isOwnOrigin(headers, 'https://a.invalid')).toBe(expected);
  });
});
