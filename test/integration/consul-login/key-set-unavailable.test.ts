import type { Environment } from 'vaultproof';
import { startIssuer } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';

test.override({ fileServices: { vault: false, consul: runOn('process', 'consul') } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

test.each(['JWKSURL', 'OIDCDiscoveryURL'])('an issuer that is away says so, with the keys at %s', async (field) => {
  const issuer = await startIssuer();
  const url = field === 'JWKSURL' ? issuer.jwksUrlFor(env.consul) : issuer.url;
  const acl = consulAcl(env.consul);
  await mountConsulJwt(acl, field, 'vishpat', {
    [field]: url,
    BoundAudiences: ['damage_inc'],
    JWTSupportedAlgs: ['ES256'],
  });
  acl.close();
  const jwt = await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  await issuer.stop();
  await expect(env.consul.login({ jwt, method: field })).rejects.toMatchObject({ code: 'key_set_unavailable' });
});
