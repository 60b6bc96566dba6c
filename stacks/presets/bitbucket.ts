import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { type Bound, refuseWeak, textOf, uuid, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

/** Whose issuer signs. */
export interface BitbucketProps {
  /** The workspace's slug: each workspace has an issuer. */
  readonly workspace: string;
}

/** Which steps get in: those of a repository, on a branch or with a deployment. */
export interface BitbucketRoleProps extends PresetRoleProps {
  /** The repository's UUID, in braces as Bitbucket writes it. */
  readonly repositoryUuid: string;
  /** For example `main`, without `refs/heads/`. */
  readonly branch?: Bound;
  /** The UUID in braces of a deployment environment, whose settings say which branches may deploy to it. */
  readonly deploymentEnvironmentUuid?: string;
  /** The workspace's UUID in braces: another workspace may have its slug later. Default none, the repository has one. */
  readonly workspaceUuid?: string;
}

/**
 * The backend for Bitbucket Pipelines of a workspace.
 * @throws TypeError for a workspace without its slug
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 * @example
 * new VaultJwtStack(app, 'bitbucket', { ...bitbucket({ workspace: 'acme' }), roles: [role] });
 */
export function bitbucket(props: BitbucketProps): VendorBackend {
  refuseUnknown<BitbucketProps>('Bitbucket', props, { workspace: true });
  const { workspace } = props;
  if (typeof workspace !== 'string' || !/^[\w-]+$/.test(workspace)) {
    throw new TypeError(`"workspace" must be a slug, as in the workspace's URL, not ${JSON.stringify(workspace)}`);
  }
  const boundIssuer = `https://api.bitbucket.org/2.0/workspaces/${workspace}/pipelines-config/identity/oidc`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/keys.json`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * A role for steps of Bitbucket Pipelines. The identity is the repository (`repositoryUuid`), since the subject has the
 * step's own UUID, another one in each run.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 * @example
 * const role = bitbucketRole({
 *   roleName: 'deploy',
 *   repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
 *   branch: 'main',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function bitbucketRole(props: BitbucketRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  const own = { repositoryUuid: true, branch: true, deploymentEnvironmentUuid: true, workspaceUuid: true } as const;
  refuseUnknown(what, props, { ...roleOptions, ...own });
  const { repositoryUuid, branch, deploymentEnvironmentUuid, workspaceUuid } = props;
  if (repositoryUuid === undefined) refuseWeak(what, 'every repository of the workspace', 'repositoryUuid');
  if ((branch ?? deploymentEnvironmentUuid) === undefined) {
    refuseWeak(what, 'every branch of the repository', 'branch or deploymentEnvironmentUuid');
  }
  if (branch !== undefined && textOf(branch).startsWith('refs/')) {
    throw new TypeError(`"${textOf(branch)}" is not a branch's name: leave out "refs/heads/"`);
  }
  return roleFor(props, {
    userClaim: 'repositoryUuid',
    claims: {
      repositoryUuid: inBraces('repositoryUuid', repositoryUuid),
      branchName: branch,
      deploymentEnvironmentUuid: inBraces('deploymentEnvironmentUuid', deploymentEnvironmentUuid),
      workspaceUuid: inBraces('workspaceUuid', workspaceUuid),
    },
  });
}

function inBraces(name: string, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const bare = /^\{(.*)\}$/.exec(id)?.[1];
  if (bare === undefined) throw new TypeError(`"${name}" must be a UUID in braces, not ${JSON.stringify(id)}`);
  return `{${uuid(name, bare)}}`;
}
