import { createHash } from 'node:crypto';
import express from 'express';
import request from 'supertest';
import { expect, test } from 'vitest';
import { serveHealth, serveMetrics, serveReadiness } from '../../src/http/health-routes.ts';

test('health says that the policy file is broken, and stays healthy', async () => {
  const deps = { isReady: () => true, policyProblem: () => 'line 3: /secret/path' };
  const answer = await request(express().get('/healthz', serveHealth(deps))).get('/healthz');

  expect(answer.status).toBe(200);
  expect(answer.text).toContain('broken');
  expect(answer.text).not.toContain('/secret/path');
});

test.each([
  [true, 200],
  [false, 503],
])('readiness %s is %i', async (isReady, status) => {
  const deps = { isReady: () => isReady, policyProblem: () => undefined };
  const answer = await request(express().get('/readyz', serveReadiness(deps))).get('/readyz');

  expect(answer.status).toBe(status);
});

test('metrics are open, or for holders of a token', async () => {
  const tokens = [{ name: 'prometheus', sha256: createHash('sha256').update('secret').digest('hex') }];
  const facts = { contentType: 'text/plain', render: async () => 'cordon_x 1\n' };
  const app = express()
    .get('/open', serveMetrics({ ...facts, tokens: undefined }))
    .get('/closed', serveMetrics({ ...facts, tokens }));

  expect((await request(app).get('/open')).text).toBe('cordon_x 1\n');
  expect((await request(app).get('/closed')).status).toBe(401);
  expect((await request(app).get('/closed').set('Authorization', 'Bearer secret')).text).toBe('cordon_x 1\n');
});
