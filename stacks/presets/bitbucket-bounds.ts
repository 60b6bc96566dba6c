import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type Bound, type ClaimBounds, refuseWeak, textOf, uuid, type VendorBackend } from './claim-bounds.js';

/** Whose issuer signs. */
export interface BitbucketProps {
  /** The workspace's slug: each workspace has an issuer. */
  readonly workspace: string;
}

/** Which steps get in: those of a repository, on a branch or with a deployment. */
export interface BitbucketSteps {
  /** The repository's UUID, in braces as Bitbucket writes it. */
  readonly repositoryUuid: string;
  /** For example `main`, without `refs/heads/`. */
  readonly branch?: Bound;
  /** The UUID in braces of a deployment environment, whose settings say which branches may deploy to it. */
  readonly deploymentEnvironmentUuid?: string;
  /** The workspace's UUID in braces: another workspace may have its slug later. Default none, the repository has one. */
  readonly workspaceUuid?: string;
}

/** The options that say which steps get in. */
export const bitbucketStepOptions: KnownOptions<BitbucketSteps> = {
  repositoryUuid: true,
  branch: true,
  deploymentEnvironmentUuid: true,
  workspaceUuid: true,
};

/**
 * Who signs the tokens of a workspace's steps.
 * @throws TypeError for a workspace without its slug
 * @see https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/
 */
export function bitbucketIssuer(props: BitbucketProps): VendorBackend {
  refuseUnknown<BitbucketProps>('Bitbucket', props, { workspace: true });
  const { workspace } = props;
  if (typeof workspace !== 'string' || !/^[\w-]+$/.test(workspace)) {
    throw new TypeError(`"workspace" must be a slug, as in the workspace's URL, not ${JSON.stringify(workspace)}`);
  }
  const boundIssuer = `https://api.bitbucket.org/2.0/workspaces/${workspace}/pipelines-config/identity/oidc`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/keys.json`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * What the tokens of some steps must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function bitbucketClaims(what: string, props: BitbucketSteps): ClaimBounds {
  const { repositoryUuid, branch, deploymentEnvironmentUuid, workspaceUuid } = props;
  if (repositoryUuid === undefined) refuseWeak(what, 'every repository of the workspace', 'repositoryUuid');
  if ((branch ?? deploymentEnvironmentUuid) === undefined) {
    refuseWeak(what, 'every branch of the repository', 'branch or deploymentEnvironmentUuid');
  }
  if (branch !== undefined && textOf(branch).startsWith('refs/')) {
    throw new TypeError(`"${textOf(branch)}" is not a branch's name: leave out "refs/heads/"`);
  }
  return {
    repositoryUuid: inBraces('repositoryUuid', repositoryUuid),
    branchName: branch,
    deploymentEnvironmentUuid: inBraces('deploymentEnvironmentUuid', deploymentEnvironmentUuid),
    workspaceUuid: inBraces('workspaceUuid', workspaceUuid),
  };
}

function inBraces(name: string, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const bare = /^\{(.*)\}$/.exec(id)?.[1];
  if (bare === undefined) throw new TypeError(`"${name}" must be a UUID in braces, not ${JSON.stringify(id)}`);
  return `{${uuid(name, bare)}}`;
}
