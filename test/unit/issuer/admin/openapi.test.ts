import { startIssuer } from 'vaultproof/issuer';
import { appMeshDialect } from 'vaultproof/issuer/endpoints';
import { github } from 'vaultproof/issuer/presets';
import { fixedUsers } from 'vaultproof/issuer/users';
import { beforeAll, expect, test } from 'vitest';
import { adminClient } from '../../../support/admin-client.js';
import { importsIn } from '../../docs/imports.js';

interface Described {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

let url: string;
let document: Document;
beforeAll(async () => {
  await using issuer = await startIssuer({
    admin: true,
    dialects: [appMeshDialect({ users: await fixedUsers({ Users: {} }) })],
  });
  url = issuer.url;
  document = (await (await fetch(`${url}/admin/openapi.json`)).json()) as Document;
});

test('has every path and method', () => {
  const served = Object.entries(document.paths).map(([path, methods]) => `${path} ${Object.keys(methods).join(' ')}`);
  expect(served).toEqual([
    '/keys get post',
    '/keys/{kid} get',
    '/keys/{kid}/publish post',
    '/keys/{kid}/activate post',
    '/keys/{kid}/retire post',
    '/rotate post',
    '/claims get put delete',
    '/faults get',
    '/faults/{document} get put delete',
    '/fetches get delete',
    '/clock get put delete',
    '/clock/advance post',
    '/users get post',
    '/users/{name} get patch delete',
    '/users/{name}/totp post delete',
    '/openapi.json get',
  ]);
});

test('is of OpenAPI 3.1, and says where the API is and that it takes a bearer token', () => {
  expect(document).toMatchObject({
    openapi: '3.1.1',
    servers: [{ url: `${url}/admin` }],
    security: [{ admin: [] }],
    components: { securitySchemes: { admin: { type: 'http', scheme: 'bearer' } } },
  });
});

test('of every operation it has the parameters, the refusals and a name of its own', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, operation } of operations) {
    const { parameters = [], requestBody, responses, security } = operation;
    expect(parameters.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    const always = security?.length === 0 ? ['403', '405'] : ['401', '403', '405'];
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(requestBody ? [...always, '400', '413', '415'] : always),
    );
    expect(Object.keys(responses)).toEqual(expect.arrayContaining([expect.stringMatching(/^20[014]$/)]));
  }
});

test('every reference leads to a component, and every component is referred to', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  const wanted = new Set(references.map(([, kind, name]) => `${kind}/${name}`));
  const { securitySchemes: _schemes, ...components } = document.components;
  const there = Object.entries(components).flatMap(([kind, named]) =>
    Object.keys(named).map((name) => `${kind}/${name}`),
  );
  expect([...wanted].sort()).toEqual(there.sort());
});

test('zod is loaded with the first request of who has the token, and not with the issuer', () => {
  const imports = importsIn(['issuer/', 'errors/']);
  const loaded = new Set(['issuer/index.ts']);
  for (const path of loaded) {
    for (const { to, kind, when } of imports.filter(({ from }) => from === path)) {
      if (kind === 'ours' && when === 'at once') loaded.add(to);
    }
  }
  expect(loaded).toContain('issuer/admin/access.ts');
  const slow = imports.filter(({ from, to, when }) => loaded.has(from) && to === 'zod' && when === 'at once');
  expect(slow).toEqual([]);
});

test('describes the times of keys that are rotated in the last second of the year 9999, and of a vendor’s', async () => {
  await using issuer = await startIssuer({ admin: true });
  const call = adminClient(issuer.admin);
  await issuer.sign(github({ repository: 'acme/app' }));
  await call('PUT', '/clock', { now: 253_402_300_799 });
  await call('POST', '/rotate', {});
  const { keys } = (await call('GET', '/keys')).body as { keys: readonly Readonly<Record<string, unknown>>[] };
  const described = document.components['schemas']?.['Key'] as
    | { readonly properties: Readonly<Record<string, { readonly minimum: number; readonly maximum?: number }>> }
    | undefined;
  for (const name of ['publishAt', 'activateAt', 'retireAt']) {
    const { minimum = 0, maximum = Number.POSITIVE_INFINITY } = described?.properties[name] ?? {};
    const times = keys.map((key) => key[name]).filter((time): time is number => typeof time === 'number');
    expect(times.length).toBeGreaterThan(0);
    expect(times.filter((time) => time < minimum || time > maximum)).toEqual([]);
  }
});
