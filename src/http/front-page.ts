// Owns GET /: the lines that point an installer at this server, for whoever opens its address. Start at frontPage.
import type { RequestHandler } from 'express';
import { getContext } from './request-context.ts';

/** pip takes plain http from loopback alone without being told to trust the host. */
function needsTrust(publicUrl: URL): boolean {
  const isLoopback =
    publicUrl.hostname === 'localhost' || publicUrl.hostname === '[::1]' || publicUrl.hostname.startsWith('127.');
  return publicUrl.protocol === 'http:' && !isLoopback;
}

/** One line per installer, ready to copy. */
export function listClientLines(publicUrl: string): readonly (readonly [string, string])[] {
  const index = `${publicUrl}/simple/`;
  const url = new URL(publicUrl);
  const trust = needsTrust(url) ? ` --trusted-host ${url.hostname}` : '';
  const insecure = needsTrust(url) ? ` --allow-insecure-host ${url.hostname}` : '';
  return [
    ['pip', `pip install --index-url ${index}${trust} PROJECT`],
    ['uv', `uv pip install --default-index ${index}${insecure} PROJECT`],
    ['Poetry', `poetry source add --priority=primary cordon ${index}`],
    ['PDM', `pdm config pypi.url ${index}`],
    ['pipenv', `pipenv install --pypi-mirror ${index} PROJECT`],
  ];
}

/** GET and HEAD of /, as plain text. */
export const frontPage: RequestHandler = (request, response) => {
  getContext(request).route = 'front-page';
  const lines = listClientLines(getContext(request).baseUrl).map(([name, line]) => `  ${name.padEnd(8)}${line}`);
  const text = [
    'Cordon: a Python package index whose files are scanned before they are served.',
    '',
    ...lines,
    '',
    'A refusal names a page that says what was found, and what to do.',
    '',
  ].join('\n');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.type('text/plain').send(text);
};
