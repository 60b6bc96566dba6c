import { VaultproofError } from '../../../errors/index.js';

/** The error for a document that is neither a configuration nor a plan. */
export function notTerraformJson(reason: string): VaultproofError {
  return new VaultproofError(
    'not_terraform_json',
    `this is not terraform's json: ${reason}; pass a cdk.tf.json that "cdktf synth" wrote, or what "terraform show -json" prints of a plan`,
  );
}
