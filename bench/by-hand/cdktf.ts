import { Testing } from 'cdktf';
import { type ExampleIssuer, exampleProps } from '../../stacks/examples/vault-login.js';
import { VaultJwtStack } from '../../stacks/vault-jwt.js';

/** Synthesises the bundled example in memory. */
export function synthesiseExample(issuer: ExampleIssuer): string {
  return Testing.synth(new VaultJwtStack(Testing.app(), 'demo', exampleProps(issuer)));
}
