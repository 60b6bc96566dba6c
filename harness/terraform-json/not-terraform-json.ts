import { VaultproofError } from '../../errors/index.js';

/** The error for a document that is no configuration in Terraform's JSON syntax. */
export function notTerraformJson(reason: string): VaultproofError {
  return new VaultproofError(
    'not_terraform_json',
    `this is not a configuration in terraform's json syntax: ${reason}; pass what "cdktf synth" writes to cdktf.out/stacks/<stack>/cdk.tf.json`,
  );
}
