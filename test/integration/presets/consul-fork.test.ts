import { github } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulGithubActions } from 'vaultproof/stacks/presets/consul-github-actions';
import { expect, test } from 'vaultproof/vitest';

test.override({ services: { vault: false, consul: true, issuer: { algorithms: ['RS256'] } } });

const audience = 'https://consul.acme.example';
const ci = consulGithubActions({
  audience,
  rules: [{ repositoryId: '74', ref: 'refs/heads/main', bindType: 'policy', bindName: 'deploy' }],
});
const policies = [{ name: 'deploy', rules: 'key_prefix "app/" { policy = "write" }' }];

test('main may, a fork may not', async ({ env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.consul);
  await env.apply((app) => new ConsulJwtStack(app, 'ci', { ...ci, jwksUrl, policies }));

  const main = await env.issuer.sign(github({ repository: 'acme/app', repositoryId: '74', audience }));
  const session = await env.consul.login({ jwt: main, method: ci.name });
  await session.kv.write('app/version', '1');

  const fork = await env.issuer.sign(github({ repository: 'mallory/app', audience }));
  const refused = env.consul.login({ jwt: fork, method: ci.name });
  await expect(refused).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
});
