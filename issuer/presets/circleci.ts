import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, uuidOf, type VendorKeys } from './preset.js';

/**
 * CircleCI, where each organization has an issuer.
 * @see https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
 */
export const circleciKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'oidc.circleci.com',
  jwksUri: (issuer) => `${issuer}/.well-known/jwks-pub.json`,
};

/** A job of CircleCI. */
export interface CircleciJob {
  /** The organization's UUID, which is in the issuer. */
  readonly organizationId: string;
  /** The project's UUID; default one made of the organization's. */
  readonly projectId?: string;
  /** The UUID of who caused the job; default one made of the organization's. */
  readonly userId?: string;
  /** The repository, for example `github.com/acme/app`; null for a custom webhook, and then there is no `vcsRef` either. */
  readonly vcsOrigin: string | null;
  /** Default `refs/heads/main`. */
  readonly vcsRef?: string;
  /** The UUIDs of the contexts that the job uses; default none. */
  readonly contextIds?: readonly string[];
  /** Whether the job was started again with SSH; default false. */
  readonly sshRerun?: boolean;
  /** Which variable has the token; the second has the repository and the ref in its subject. Default `CIRCLE_OIDC_TOKEN`. */
  readonly variable?: 'CIRCLE_OIDC_TOKEN' | 'CIRCLE_OIDC_TOKEN_V2';
  /** Default the organization's UUID. */
  readonly audience?: string;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const jobOptions: PresetOptions<CircleciJob> = {
  organizationId: 'required',
  projectId: 'optional',
  userId: 'optional',
  vcsOrigin: 'required',
  vcsRef: 'optional',
  contextIds: 'optional',
  sshRerun: 'optional',
  variable: 'optional',
  audience: 'optional',
  claims: 'optional',
};

/**
 * The token of a job of CircleCI, signed with RS256, for an hour.
 * @see https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
 * @example
 * const organizationId = '12345678-1234-4234-8234-123456789012';
 * const jwt = await issuer.sign(circleci({ organizationId, vcsOrigin: 'github.com/acme/app' }));
 */
export function circleci(job: CircleciJob): TokenBuilder {
  checkOptions('circleci', job, jobOptions);
  const { organizationId, vcsOrigin, vcsRef = 'refs/heads/main', contextIds = [], sshRerun = false } = job;
  const { projectId = uuidOf('project', organizationId), userId = uuidOf('user', organizationId) } = job;
  const who = `org/${organizationId}/project/${projectId}/user/${userId}`;
  const hasSource = job.variable === 'CIRCLE_OIDC_TOKEN_V2' && vcsOrigin !== null;
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        sub: hasSource ? `${who}/vcs-origin/${vcsOrigin}/vcs-ref/${vcsRef}` : who,
        aud: job.audience ?? organizationId,
        'oidc.circleci.com/project-id': projectId,
        ...(vcsOrigin === null
          ? {}
          : { 'oidc.circleci.com/vcs-origin': vcsOrigin, 'oidc.circleci.com/vcs-ref': vcsRef }),
        'oidc.circleci.com/context-ids': contextIds,
        'oidc.circleci.com/ssh-rerun': sshRerun,
        iss: `https://oidc.circleci.com/org/${organizationId}`,
        iat,
        exp: iat + 3_600,
        jti: null,
        ...job.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}
