import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { npxIn } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { git, roleInHcl } from './diff-repository.js';

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** The YAML of docs/access.md that has some words in it. */
async function snippetWith<Snippet>(words: string): Promise<Snippet> {
  const page = await readFile(new URL('../../../docs/access.md', import.meta.url), 'utf8');
  const found = [...page.matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, yaml = '']) => yaml)
    .find((yaml) => yaml.includes(words));
  if (found === undefined) throw new Error(`docs/access.md has no YAML with "${words}"`);
  return parse(found) as Snippet;
}

interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly token: string | string[] | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** The API of a host, which keeps what it is sent, and lists notes. */
async function host(notes: readonly object[] = []): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method, url: path, headers } = request;
    const token = headers['private-token'] ?? headers.authorization;
    received.push({ method, path, token, type: headers['content-type'], body });
    const answer = method === 'GET' ? notes : { id: 1 };
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  ended.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** A clone of a repository with the folder `infra`, on a branch that widens it; and what runs a step's lines in it. */
async function pullRequest() {
  const folder = await temporaryFolder();
  const bin = await npxIn(folder);
  const origin = join(folder, 'origin');
  await git(folder, 'init', '--quiet', '--initial-branch=main', origin);
  await execa('mkdir', [join(origin, 'infra')]);
  await writeFile(join(origin, 'infra', 'main.tf'), roleInHcl('refs/heads/main'));
  await writeFile(join(origin, 'package.json'), '{"name":"infra","version":"1.0.0","private":true}');
  const packages = { '': { name: 'infra', version: '1.0.0' } };
  const lock = { name: 'infra', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
  await writeFile(join(origin, 'package-lock.json'), JSON.stringify(lock));
  await git(origin, 'add', '.');
  await git(origin, 'commit', '--quiet', '--message=one');
  const clone = join(folder, 'clone');
  await git(folder, 'clone', '--quiet', origin, clone);
  await git(clone, 'checkout', '--quiet', '-b', 'feature');
  await writeFile(join(clone, 'infra', 'main.tf'), roleInHcl('refs/heads/*'));
  await git(clone, 'commit', '--quiet', '--all', '--message=two');
  const run = (line: string, env: Readonly<Record<string, string>>) =>
    execa('bash', ['-e', '-c', line], {
      ...{ cwd: clone, reject: false },
      env: { ...env, PATH: `${bin}:${process.env['PATH']}` },
    });
  return { bin, run };
}

const ROW =
  '| `jwt/ci` | lets in, and may then: read `kv/data/app/x` | yes | <details><summary>token</summary>`{"aud":"vault","ref":"refs/heads/","sub":"x"}`</details> |';

interface Workflow {
  readonly jobs: {
    readonly access: {
      readonly steps: readonly { run?: string; if?: string; env?: Readonly<Record<string, string>> }[];
    };
  };
}

/** A `gh` that sends a comment as GitHub's API documents it, https://docs.github.com/rest/issues/comments. */
const GH = `#!/usr/bin/env node
const [pr, comment, number, ...flags] = process.argv.slice(2);
const file = flags.pop();
if (pr !== 'pr' || comment !== 'comment' || flags.join(' ') !== '--edit-last --create-if-none --body-file') throw new Error(process.argv.join(' '));
const body = JSON.stringify({ body: require('node:fs').readFileSync(file, 'utf8') });
const headers = { authorization: 'Bearer ' + process.env.GH_TOKEN, 'content-type': 'application/json' };
fetch(process.env.GH_API + '/repos/acme/infra/issues/' + number + '/comments', { method: 'POST', headers, body });
`;

test('the workflow for GitHub comments on a pull request with what it lets in', async () => {
  const { jobs } = await snippetWith<Workflow>('pull-requests: write');
  const { url, received } = await host();
  const { bin, run } = await pullRequest();
  await writeFile(join(bin, 'gh'), GH, { mode: 0o755 });
  const inGitHub = (text: string): string =>
    text.replace(/\$\{\{ github\.event\.number \}\}/, '7').replace(/\$\{\{ github\.token \}\}/, 'secret');
  const lines = jobs.access.steps.filter((step) => step.run !== undefined);
  expect(lines).toHaveLength(3);
  const exitCodes: unknown[] = [];
  for (const { run: line = '', env = {} } of lines) {
    const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, inGitHub(value)]));
    const { exitCode } = await run(inGitHub(line), { GITHUB_BASE_REF: 'main', GH_API: url, ...given });
    exitCodes.push(exitCode);
  }
  // What it widens fails the job, and the comment is made all the same.
  expect(exitCodes).toEqual([0, 1, 0]);
  expect(lines.map((step) => step.if)).toEqual([undefined, undefined, 'always()']);
  expect(received).toHaveLength(1);
  const [comment] = received;
  expect(comment).toMatchObject({
    method: 'POST',
    path: '/repos/acme/infra/issues/7/comments',
    token: 'Bearer secret',
  });
  expect((JSON.parse(comment?.body ?? '') as { body: string }).body).toContain(ROW);
});

interface Pipeline {
  readonly access: { readonly script: readonly string[]; readonly rules: readonly { readonly if: string }[] };
}

test.each([
  ['leaves a note at a merge request', [{ id: 4, body: 'LGTM' }], { method: 'POST', path: '' }],
  [
    'edits its note',
    [
      { id: 4, body: 'LGTM' },
      { id: 5, body: '## What this change lets in\n\nNothing' },
    ],
    { method: 'PUT', path: '/5' },
  ],
])('the job for GitLab %s with what it lets in', async (_title, notes, expected) => {
  const { access } = await snippetWith<Pipeline>('CI_MERGE_REQUEST_IID');
  expect(access.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
  const { url, received } = await host(notes);
  const { run } = await pullRequest();
  const env = {
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    CI_API_V4_URL: `${url}/api/v4`,
    CI_PROJECT_ID: '20',
    CI_MERGE_REQUEST_IID: '7',
    NOTES_TOKEN: 'secret',
  };
  const { exitCode } = await run(access.script.join('\n'), env);
  expect(exitCode).toBe(1);
  expect(received.map(({ method }) => method)).toEqual(['GET', expected.method]);
  const [list, note] = received;
  const path = '/api/v4/projects/20/merge_requests/7/notes';
  expect(list).toMatchObject({ path: `${path}?per_page=100`, token: 'secret' });
  expect(note).toMatchObject({
    method: expected.method,
    path: `${path}${expected.path}`,
    token: 'secret',
    type: 'application/x-www-form-urlencoded',
  });
  expect(new URLSearchParams(note?.body).get('body')).toContain(ROW);
});
