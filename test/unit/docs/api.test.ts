import * as harness from 'vaultproof';
import * as issuer from 'vaultproof/issuer';
import * as endpoints from 'vaultproof/issuer/endpoints';
import * as faults from 'vaultproof/issuer/faults';
import * as hostile from 'vaultproof/issuer/hostile';
import * as keys from 'vaultproof/issuer/keys';
import * as presets from 'vaultproof/issuer/presets';
import * as tls from 'vaultproof/issuer/tls';
import * as users from 'vaultproof/issuer/users';
import { expect, test } from 'vitest';
import { read, section, tableRows } from './markdown.js';

const reference = read('docs/api.md');

test.each([
  ['vaultproof', harness],
  ['vaultproof/issuer', issuer],
  ['vaultproof/issuer/endpoints', endpoints],
  ['vaultproof/issuer/faults', faults],
  ['vaultproof/issuer/hostile', hostile],
  ['vaultproof/issuer/keys', keys],
  ['vaultproof/issuer/presets', presets],
  ['vaultproof/issuer/tls', tls],
  ['vaultproof/issuer/users', users],
])('docs/api.md lists every value that %s exports, and no other', (name, module) => {
  const rows = tableRows(section(reference, `\`${name}\``));
  const listed = rows.flatMap(([names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, value]) => value));
  expect(listed.toSorted()).toEqual(Object.keys(module).sort());
});

const files = {
  github: 'github',
  gitlab: 'gitlab',
  terraformRun: 'hcp-terraform',
  terraformModuleTest: 'hcp-terraform',
  serviceAccount: 'kubernetes',
  jwtSvid: 'spiffe',
  nomadTask: 'nomad',
  nomadService: 'nomad',
  buildkite: 'buildkite',
  circleci: 'circleci',
  google: 'google',
  entra: 'entra',
  azureServiceConnection: 'azure-devops',
  bitbucket: 'bitbucket',
  aws: 'aws',
};

test('docs/api.md has the options of every function that makes a vendor’s token', () => {
  const rows = tableRows(section(reference, 'Tokens of vendors'));
  const options = new Map<string, Set<string>>();
  for (const [name = '', listed = ''] of rows) {
    const file = files[name.replaceAll('`', '') as keyof typeof files];
    const names = [...listed.matchAll(/`(\w+)`/g)].map(([, option = '']) => option);
    options.set(file, new Set([...(options.get(file) ?? []), ...names]));
  }
  expect(rows.map(([name]) => name?.replaceAll('`', ''))).toEqual(Object.keys(files));
  for (const [file, names] of options) {
    // What a job finds its token in is no option.
    const source = read(`issuer/presets/${file}.ts`).replace(/^export interface NomadTaskToken [^}]*^}/m, '');
    const declared = [...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
    expect([...names, 'claims'].sort()).toEqual([...new Set(declared)].sort());
  }
});
