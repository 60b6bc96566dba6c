import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { type GitHubRunningJob, githubRunner } from 'vaultproof/issuer/presets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const runner = githubRunner();
let issuer: StartedIssuer;
let job: GitHubRunningJob;

beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['RS256'], dialects: [runner.dialect] });
  job = runner.startJob(issuer, { repository: 'acme/app', environment: 'production' });
});
afterAll(() => issuer.stop());

function ask(query = '', headers: Record<string, string> = bearer(job), url = job): Promise<Response> {
  return fetch(`${url.env.ACTIONS_ID_TOKEN_REQUEST_URL}${query}`, { headers });
}

function bearer({ env }: GitHubRunningJob): Record<string, string> {
  return { authorization: `bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` };
}

test('a job gets a token of its own, for the audience that it asks for', async () => {
  const answer = await ask('&audience=api%3A%2F%2FAzureADTokenExchange');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { count, value, ...more } = (await answer.json()) as { count: number; value: string };
  expect(more).toEqual({});
  expect(count).toBe(value.length);
  expect(decodeProtectedHeader(value).alg).toBe('RS256');
  expect(decodeJwt(value)).toMatchObject({
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'api://AzureADTokenExchange',
    repository: 'acme/app',
    environment: 'production',
  });
});

test.each(['', '&audience='])('a job that asks with "%s" gets a token for its owner', async (query) => {
  const { value } = (await (await ask(query)).json()) as { value: string };
  expect(decodeJwt(value).aud).toBe('https://github.com/acme');
});

test('every job has a URL and a request token of its own', async () => {
  const other = runner.startJob(issuer, { repository: 'acme/other' });
  expect(other.env).not.toEqual(job.env);
  const { value } = (await (await ask('', bearer(other), other)).json()) as { value: string };
  expect(decodeJwt(value)).toMatchObject({ repository: 'acme/other' });
});

describe('no token is for', () => {
  const cases: [string, () => Promise<Response>][] = [
    ['a request without a request token', () => ask('', {})],
    ['a wrong request token', () => ask('', { authorization: 'bearer wrong' })],
    ['another scheme', () => ask('', { authorization: `token ${job.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` })],
    ['another job’s request token', () => ask('', bearer(runner.startJob(issuer, { repository: 'a/b' })))],
    ['an unknown job', () => fetch(`${issuer.url}/github/idtoken/nobody`, { headers: bearer(job) })],
  ];

  test.each(cases)('%s', async (_who, request) => {
    const answer = await request();
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ message: 'no job runs with this request token' });
  });

  test('a job that has ended', async () => {
    const ended = runner.startJob(issuer, { repository: 'acme/app' });
    ended.end();
    ended.end();
    expect((await ask('', bearer(ended), ended)).status).toBe(401);
  });

  test('a job of another issuer of the server', async () => {
    const { url } = await issuer.addIssuer('/tenant', { algorithms: ['RS256'] });
    const elsewhere = runner.startJob({ url }, { repository: 'acme/app' });
    expect((await ask('', bearer(elsewhere), elsewhere)).status).toBe(200);
    const crossed = elsewhere.env.ACTIONS_ID_TOKEN_REQUEST_URL.replace('/tenant', '');
    expect((await fetch(crossed, { headers: bearer(elsewhere) })).status).toBe(401);
  });
});

test('a POST is answered with 405', async () => {
  const answer = await fetch(job.env.ACTIONS_ID_TOKEN_REQUEST_URL, { method: 'POST', headers: bearer(job) });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
});

test('a web page gets no token', async () => {
  const headers = { ...bearer(job), origin: 'https://mallory.example' };
  expect((await ask('', headers)).status).toBe(403);
});
