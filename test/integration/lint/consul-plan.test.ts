import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { lint } from 'vaultproof/lint';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { requiresProviders } from '../../support/terraform-provider.js';
import { consulLogin } from '../../unit/lint/found.js';

beforeEach(requiresProviders('consul'));

test('a plan of the real provider’s has the findings of the configuration', async () => {
  const configuration = {
    ...consulLogin({
      config: { ClockSkewLeeway: 60, JWTSupportedAlgs: ['RS256'], BoundIssuer: undefined },
      method: { max_token_ttl: null },
      rule: { bind_type: 'role', bind_name: `tasks-$\${value.team}`, selector: 'value.user != "a" and value.x == "b"' },
      more: { consul_acl_policy: { wide: { name: 'wide', rules: 'acl = "write"' } } },
    }),
    provider: { consul: {} },
    terraform: { required_providers: { consul: { source: 'hashicorp/consul' } } },
  };
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'main.tf.json'), JSON.stringify(configuration));
  const terraform = (...args: string[]) => execa('terraform', args, { cwd, env: { TF_IN_AUTOMATION: '1' } });
  await terraform('init', '-input=false');
  await terraform('plan', '-input=false', '-out=plan');
  const plan: unknown = JSON.parse((await terraform('show', '-json', 'plan')).stdout);
  const places = (json: unknown): string[] => lint(json).map(({ code, address }) => `${code} ${address}`);
  expect(places(plan)).toEqual([
    'no-bound-issuer consul_acl_auth_method.jwt',
    'algorithms-not-enforced consul_acl_auth_method.jwt',
    'leeway-not-nanoseconds consul_acl_auth_method.jwt',
    'no-max-token-ttl consul_acl_auth_method.jwt',
    'absent-claim consul_acl_binding_rule.rule',
    'absent-claim-in-name consul_acl_binding_rule.rule',
    'unmapped-claim consul_acl_binding_rule.rule',
    'acl-rules-too-wide consul_acl_policy.wide',
  ]);
  expect(places(configuration)).toEqual(places(plan));
});
