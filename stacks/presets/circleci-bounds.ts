import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type Bound, type ClaimBounds, refuseWeak, textOf, uuid, type VendorBackend } from './claim-bounds.js';

/** Whose issuer signs. */
export interface CircleciProps {
  /** The organization's UUID: each organization has an issuer. */
  readonly organizationId: string;
}

/** Which jobs get in: those of a project and its repository, on a ref. */
export interface CircleciJobs {
  /** The project's UUID. */
  readonly projectId: string;
  /** The repository, for example `github.com/acme/app`: a build of a fork has the fork's, and the same project. */
  readonly vcsOrigin: string;
  /** For example `refs/heads/main`. */
  readonly vcsRef: Bound;
}

/** The options that say which jobs get in. */
export const circleciJobOptions: KnownOptions<CircleciJobs> = { projectId: true, vcsOrigin: true, vcsRef: true };

/**
 * Who signs the tokens of an organization's jobs.
 * @throws TypeError for an organization without its UUID
 * @see https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
 */
export function circleciIssuer(props: CircleciProps): VendorBackend {
  refuseUnknown<CircleciProps>('CircleCI', props, { organizationId: true });
  const boundIssuer = `https://oidc.circleci.com/org/${uuid('organizationId', props.organizationId)}`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks-pub.json`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * What the tokens of some jobs must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function circleciClaims(what: string, { projectId, vcsOrigin, vcsRef }: CircleciJobs): ClaimBounds {
  if (projectId === undefined) refuseWeak(what, 'every project of the organization', 'projectId');
  if (vcsOrigin === undefined) refuseWeak(what, 'builds of forks', 'vcsOrigin');
  if (vcsRef === undefined) refuseWeak(what, 'every branch of the repository', 'vcsRef');
  if (!textOf(vcsRef).startsWith('refs/')) {
    throw new TypeError(`"${textOf(vcsRef)}" is not a ref: write "refs/heads/..." or "refs/tags/..."`);
  }
  return {
    'oidc.circleci.com/project-id': uuid('projectId', projectId),
    'oidc.circleci.com/vcs-origin': vcsOrigin,
    'oidc.circleci.com/vcs-ref': vcsRef,
  };
}
