import { App } from 'cdktf';
import { exampleProps } from './example.js';
import { VaultJwtStack } from './vault-jwt.js';

// What `cdktf synth` and `cdktf deploy` run. The provider reads VAULT_ADDR and VAULT_TOKEN itself.
const { JWKS_URL = 'http://127.0.0.1:8080/.well-known/jwks.json', BOUND_ISSUER = 'http://127.0.0.1:8080' } =
  process.env;

const app = new App();
new VaultJwtStack(app, 'vault-jwt', exampleProps({ jwksUrl: JWKS_URL, boundIssuer: BOUND_ISSUER }));
app.synth();
