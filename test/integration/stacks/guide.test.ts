import { github } from 'vaultproof/issuer/presets';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach } from 'vitest';
import { type SynthesisedStack, synthesise } from '../../../harness/provision/synth.js';
import { requires } from '../../support/requirement.js';
import { init, terraformFolder } from '../../support/terraform.js';
import { declare } from './guide-app.js';

test.override({ services: { vault: true, issuer: { algorithms: ['RS256'] } } });
beforeEach(requires('terraform'));

/** The stacks of the guide, with the keys of the test in the place of GitHub's. */
async function stacks(jwksUrl: string): Promise<Record<string, unknown>> {
  const here = ({ json }: SynthesisedStack): unknown =>
    JSON.parse(
      JSON.stringify(json).replaceAll('https://token.actions.githubusercontent.com/.well-known/jwks', jwksUrl),
    );
  return Object.fromEntries((await synthesise(declare)).map((stack) => [stack.name, here(stack)]));
}

test('an administrator deploys the deployer, whose pipeline deploys the login with its own token', async ({
  env,
  skip,
}) => {
  const { issuer, vault } = env;
  const { deployer, login } = await stacks(issuer.jwksUrlFor(vault));
  const administrator = await terraformFolder(vault);
  await administrator.declare(deployer);
  await init(administrator, skip);
  expect(await administrator.run('apply', '-auto-approve')).toMatchObject({ exitCode: 0 });

  const job = { audience: 'https://vault.acme.example', event: 'push' } as const;
  const infra = { ...job, repository: 'acme/infra', repositoryId: '75', environment: 'vault' };
  const { token } = await vault.login({ jwt: await issuer.sign(github(infra)), mount: 'deployer' });
  const pipeline = await terraformFolder({ address: vault.address, token });
  await pipeline.declare(login);
  await init(pipeline, skip);
  expect(await pipeline.run('apply', '-auto-approve')).toMatchObject({ exitCode: 0 });
  expect(await pipeline.run('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 });

  await vault.seed('kv/app/db', { username: 'X' });
  const app = { ...job, repository: 'acme/app', repositoryId: '74', environment: 'production' };
  const session = await vault.login({ jwt: await issuer.sign(github(app)), mount: 'github' });
  expect(await session.read('kv/app/db')).toEqual({ username: 'X' });
  const fork = await issuer.sign(github({ ...app, repository: 'mallory/app', repositoryId: '666' }));
  await expect(vault.login({ jwt: fork, mount: 'github' })).rejects.toMatchObject({ code: 'claim_mismatch' });
});
