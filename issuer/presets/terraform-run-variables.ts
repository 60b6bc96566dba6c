import type { Issuer } from '../issuer.js';
import { type TerraformRun, terraformRun } from './hcp-terraform.js';

/**
 * The variables of a run: `TFC_WORKLOAD_IDENTITY_TOKEN` for the run's audience, and one more with a tag behind it for
 * each that the workspace has in `TFC_WORKLOAD_IDENTITY_AUDIENCE_<TAG>`.
 * @param audiences by tag, for example `{ VAULT_EU: 'vault-eu.workload.identity' }`; default none
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/manual-generation
 */
export async function terraformRunVariables(
  issuer: Pick<Issuer, 'sign'>,
  run: TerraformRun,
  audiences: Readonly<Record<string, string>> = {},
): Promise<Record<string, string> & { TFC_WORKLOAD_IDENTITY_TOKEN: string }> {
  const tagged = Object.entries(audiences).map(
    async ([tag, audience]) =>
      [`TFC_WORKLOAD_IDENTITY_TOKEN_${tag}`, await issuer.sign(terraformRun({ ...run, audience }))] as const,
  );
  return {
    TFC_WORKLOAD_IDENTITY_TOKEN: await issuer.sign(terraformRun(run)),
    ...Object.fromEntries(await Promise.all(tagged)),
  };
}
