import { inspect } from 'node:util';
import { Policy } from '@cdktf/provider-vault/lib/policy/index.js';
import { VaultProvider } from '@cdktf/provider-vault/lib/provider/index.js';
import { type App, TerraformStack, TerraformVariable } from 'cdktf';
import { expect, test } from 'vaultproof/vitest';

/** A policy for one path, which the stack's variable names. */
function declare(
  app: App,
  id: string,
  options: { readonly default?: string; readonly capability?: string } = {},
): void {
  const { capability = 'read', ...variable } = options;
  const stack = new TerraformStack(app, id);
  new VaultProvider(stack, 'vault');
  const path = new TerraformVariable(stack, `path_of_${id}`, { type: 'string', sensitive: true, ...variable });
  const policy = `path "${path.stringValue}" { capabilities = ["${capability}"] }`;
  new Policy(stack, 'policy', { name: id, policy });
}

test('each stack gets the values of its own variables, and what is applied again changes where they do', async ({
  env,
}) => {
  const apply = (path: string) =>
    env.apply(
      (app) => {
        declare(app, 'two');
        declare(app, 'one', { default: 'kv/one' });
      },
      { variables: { path_of_two: path } },
    );
  const [first, second] = [await apply('kv/two'), await apply('kv/other')];
  expect(Object.keys(first)).toEqual(['two', 'one']);
  expect(second).toMatchObject({ two: { updated: ['vault_policy.policy'] }, one: { updated: [] } });
  expect(await env.vault.request('GET', 'sys/policies/acl/two')).toMatchObject({
    data: { policy: 'path "kv/other" { capabilities = ["read"] }' },
  });
});

test('a variable without a value, and a value without a variable, are refused', async ({ env }) => {
  const apply = (variables?: Record<string, string>) =>
    env.apply((app) => declare(app, 'one'), { ...(variables && { variables }) });
  await expect(apply()).rejects.toMatchObject({ code: 'variable_missing', details: { variables: ['path_of_one'] } });
  await expect(apply({ path_of_one: 'a', path_of_two: 'b' })).rejects.toMatchObject({ code: 'variable_invalid' });
});

test('what a sensitive variable says is in no error', async ({ env }) => {
  const error: unknown = await env
    .apply((app) => declare(app, 'one', { capability: 'fly' }), { variables: { path_of_one: 'canary' } })
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'apply_failed' });
  expect(inspect(error, { depth: null })).not.toContain('canary');
});
