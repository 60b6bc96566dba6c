import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, prefixedId, type VendorKeys } from './preset.js';

/**
 * HCP Terraform. A Terraform Enterprise has the same paths.
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
 */
export const hcpTerraformKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'app.terraform.io',
  jwksUri: (issuer) => `${issuer}/.well-known/jwks`,
};

/** How long a phase may take by default, in seconds. */
const TIMEOUTS = { plan: 7_200, apply: 86_400 };

/** What tokens of runs and of module tests have alike. */
interface HcpTerraformToken {
  readonly organization: string;
  /** Default one made of the name. */
  readonly organizationId?: string;
  /** Default `vault.workload.identity`. */
  readonly audience?: string;
  /** Default `https://app.terraform.io`, without a slash at the end. */
  readonly issuer?: string;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A phase of a run in a workspace. */
export interface TerraformRun extends HcpTerraformToken {
  readonly workspace: string;
  readonly workspaceId?: string;
  /** Default `Default Project`. */
  readonly project?: string;
  readonly projectId?: string;
  /** Default `apply`. */
  readonly runPhase?: 'plan' | 'apply';
  /** How long the phase may take, in seconds; default 2 hours to plan, 24 to apply. */
  readonly timeoutSeconds?: number;
}

/** A test of a module of the private registry. */
export interface TerraformModuleTest extends HcpTerraformToken {
  readonly module: string;
  /** `module_test_token_ttl` of the organization, in seconds; default 600. */
  readonly lifetimeSeconds?: number;
}

const runOptions: PresetOptions<TerraformRun> = {
  organization: 'required',
  organizationId: 'optional',
  audience: 'optional',
  issuer: 'optional',
  claims: 'optional',
  workspace: 'required',
  workspaceId: 'optional',
  project: 'optional',
  projectId: 'optional',
  runPhase: 'optional',
  timeoutSeconds: 'optional',
};

/**
 * The workload identity token of a run, signed with RS256: it counts from 5 seconds before it was issued until the
 * phase's timeout.
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
 * @example
 * const jwt = await issuer.sign(terraformRun({ organization: 'acme', workspace: 'prod', runPhase: 'apply' }));
 */
export function terraformRun(run: TerraformRun): TokenBuilder {
  checkOptions('terraformRun', run, runOptions);
  const { organization, project = 'Default Project', workspace, runPhase = 'apply' } = run;
  const full = `organization:${organization}:project:${project}:workspace:${workspace}`;
  return token(run, `${full}:run_phase:${runPhase}`, run.timeoutSeconds ?? TIMEOUTS[runPhase], 5, {
    terraform_project_id: run.projectId ?? prefixedId('prj', organization, project),
    terraform_project_name: project,
    terraform_workspace_id: run.workspaceId ?? prefixedId('ws', organization, workspace),
    terraform_workspace_name: workspace,
    terraform_full_workspace: full,
    terraform_run_id: prefixedId('run', organization, workspace),
    terraform_run_phase: runPhase,
  });
}

const testOptions: PresetOptions<TerraformModuleTest> = {
  organization: 'required',
  organizationId: 'optional',
  audience: 'optional',
  issuer: 'optional',
  claims: 'optional',
  module: 'required',
  lifetimeSeconds: 'optional',
};

/**
 * The token of a test of a module: of no workspace and no project, and always to plan. See {@link terraformRun}.
 *
 * @example
 * const jwt = await issuer.sign(terraformModuleTest({ organization: 'acme', module: 'network' }));
 */
export function terraformModuleTest(test: TerraformModuleTest): TokenBuilder {
  checkOptions('terraformModuleTest', test, testOptions);
  const { organization, module, lifetimeSeconds = 600 } = test;
  return token(test, `organization:${organization}:module:${module}:operation:test_run`, lifetimeSeconds, 30, {
    terraform_run_id: prefixedId('trun', organization, module),
    terraform_run_phase: 'plan',
  });
}

function token(
  { organization, organizationId, audience = 'vault.workload.identity', ...told }: HcpTerraformToken,
  sub: string,
  lifetimeSeconds: number,
  skewSeconds: number,
  claims: Readonly<Record<string, string>>,
): TokenBuilder {
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        sub,
        aud: audience,
        terraform_organization_id: organizationId ?? prefixedId('org', organization),
        terraform_organization_name: organization,
        ...claims,
        iss: told.issuer ?? 'https://app.terraform.io',
        iat,
        nbf: iat - skewSeconds,
        exp: iat + lifetimeSeconds,
        ...told.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}

/**
 * The variables of a run: `TFC_WORKLOAD_IDENTITY_TOKEN` for the run's audience, and one more with a tag behind it for
 * each that the workspace has in `TFC_WORKLOAD_IDENTITY_AUDIENCE_<TAG>`.
 * @param audiences by tag, for example `{ VAULT_EU: 'vault-eu.workload.identity' }`; default none
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/manual-generation
 * @example
 * const run = { organization: 'acme', workspace: 'prod' };
 * const env = await terraformRunVariables(issuer, run, { VAULT: 'vault.workload.identity' });
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
