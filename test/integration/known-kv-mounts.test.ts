import { channel } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { StartedVault } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe, onTestFinished } from 'vitest';

/** The requests that this process sends until the test ends. */
function watchRequests(): string[] {
  const sent: string[] = [];
  const listener = (message: unknown): void => {
    const { method, path } = (message as { request: ClientRequest }).request;
    sent.push(`${method} ${path}`);
  };
  channel('http.client.request.start').subscribe(listener);
  onTestFinished(() => void channel('http.client.request.start').unsubscribe(listener));
  return sent;
}

async function mount({ request }: StartedVault, version: 1 | 2): Promise<void> {
  await request('DELETE', 'sys/mounts/kv');
  await request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: String(version) } });
}

describe.each([1, 2] as const)('a KV engine of version %s', (version) => {
  const other = version === 1 ? 2 : 1;

  test('is looked up once by all sessions of a server', async ({ env: { vault } }) => {
    await mount(vault, version);
    await vault.seed('kv/app', { password: 'correct horse' });
    const sent = watchRequests();
    expect(await vault.root.read('kv/app')).toEqual({ password: 'correct horse' });
    expect(sent).toEqual([`GET /v1/kv/${version === 2 ? 'data/' : ''}app`]);
  });

  test.for(['app', 'data/app', 'metadata/app'])(
    'is looked up again for "%s" where another one is there by now',
    async (name, { env: { vault } }) => {
      await mount(vault, version);
      await vault.seed(`kv/${name}`, { password: 'before' });
      expect(await vault.root.read(`kv/${name}`)).toEqual({ password: 'before' });
      await mount(vault, other);
      await expect(vault.root.read(`kv/${name}`)).rejects.toMatchObject({ code: 'secret_not_found' });
      await vault.seed('kv/app', { password: 'after' });
      expect(await vault.root.read('kv/app')).toEqual({ password: 'after' });
      await mount(vault, version);
      await vault.seed(`kv/${name}`, { password: 'again' });
      expect(await vault.root.read(`kv/${name}`)).toEqual({ password: 'again' });
    },
  );

  test('that is gone is not found', async ({ env: { vault } }) => {
    await mount(vault, version);
    await vault.seed('kv/app', { password: 'correct horse' });
    await vault.request('DELETE', 'sys/mounts/kv');
    await expect(vault.root.read('kv/app')).rejects.toMatchObject({
      code: 'mount_not_found',
      details: { path: 'kv/app' },
    });
  });

  test('a secret that looks like an answer of the other version is read as it was written', async ({
    env: { vault },
  }) => {
    await mount(vault, version);
    const secret = { data: { a: 1 }, metadata: { version: 1 } };
    await vault.seed('kv/app', secret);
    expect(await vault.root.read('kv/app')).toEqual(secret);
  });
});
