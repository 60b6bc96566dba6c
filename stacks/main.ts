import { App } from 'cdktf';
import { exampleProps } from './examples/vault-login.js';
import { VaultJwtStack } from './vault-jwt.js';

// What `cdktf synth` and `cdktf deploy` run. The provider reads VAULT_ADDR and VAULT_TOKEN itself.
const { JWKS_URL = '', BOUND_ISSUER = '' } = process.env;

// No default: a login would trust whatever listens there.
const missing = [JWKS_URL === '' && 'JWKS_URL', BOUND_ISSUER === '' && 'BOUND_ISSUER'].filter(Boolean);
if (missing.length > 0) {
  const what = "the key set's URL as Vault reaches it, and the iss of the tokens";
  process.stderr.write(`set ${missing.join(' and ')}: ${what}\n`);
  process.exit(1);
}

const app = new App();
new VaultJwtStack(app, 'vault-jwt', exampleProps({ jwksUrl: JWKS_URL, boundIssuer: BOUND_ISSUER }));
app.synth();
