import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vaultproof/vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct } from '../../support/vault-of-tests.js';

test('an audit device that is declared writes nothing outside of the server', async ({ env }) => {
  const file = join(await temporaryFolder(), 'audit.log');
  const options = { file_path: file, mode: '0640', log_raw: 'false' };
  const out = { type: 'file', path: 'out', options: { file_path: 'stdout' } };
  const output = { path: { value: `\${vault_audit.file.path}` } };
  const resource = { vault_audit: { file: { type: 'file', options }, out } };
  expect(await env.applyJson({ resource, output })).toMatchObject({ outputs: { path: 'file' } });
  const { data } = await env.vault.request('GET', 'sys/audit');
  expect(data).toMatchObject({
    'file/': { type: 'file', options: { file_path: 'discard', log_raw: 'false' } },
    'out/': { type: 'file', options: { file_path: 'stdout' } },
  });
  expect(existsSync(file)).toBe(false);

  const others = {
    socket: { type: 'socket', options: { address: '127.0.0.1:1', socket_type: 'tcp', format: 'json' } },
    syslog: { type: 'syslog', path: 'journal', options: {}, depends_on: ['vault_audit.socket'] },
  };
  await env.applyJson({ resource: { vault_audit: others } });
  const { data: devices } = await env.vault.request('GET', 'sys/audit');
  expect(devices).toMatchObject({
    'socket/': { type: 'file', options: { file_path: 'discard', format: 'json' } },
    // Vault takes each file once.
    'journal/': { type: 'file', options: { file_path: ofProduct({ vault: '/dev/null', openbao: 'discard' }) } },
  });
  expect((await env.applyJson({ terraform: {} })).removed).toHaveLength(2);
  expect((await env.vault.request('GET', 'sys/audit'))['data']).toEqual({});
});

test('several audit devices are enabled one after the other', async ({ env }) => {
  const device = { type: 'file', options: { file_path: 'stdout' } };
  const discarding = { type: 'file', path: 'discarding', options: { file_path: 'discard' } };
  for (let round = 0; round < 15; round++) {
    const { created } = await env.applyJson({ resource: { vault_audit: { device, discarding } } });
    expect(created).toHaveLength(2);
    await env.applyJson({ terraform: {} });
  }
});
