import { awsKeys } from '../presets/aws.js';
import { azureDevopsKeys } from '../presets/azure-devops.js';
import { bitbucketKeys } from '../presets/bitbucket.js';
import { buildkiteKeys } from '../presets/buildkite.js';
import { circleciKeys } from '../presets/circleci.js';
import { entraKeys } from '../presets/entra.js';
import { githubKeys } from '../presets/github.js';
import { gitlabKeys } from '../presets/gitlab.js';
import { googleKeys } from '../presets/google.js';
import { hcpTerraformKeys } from '../presets/hcp-terraform.js';
import { kubernetesKeys } from '../presets/kubernetes.js';
import { nomadKeys } from '../presets/nomad.js';
import type { VendorKeys } from '../presets/preset.js';
import { spiffeKeys } from '../presets/spiffe.js';

/** The vendors whose paths are known. */
const vendors: readonly VendorKeys[] = [
  awsKeys,
  azureDevopsKeys,
  bitbucketKeys,
  buildkiteKeys,
  circleciKeys,
  entraKeys,
  githubKeys,
  gitlabKeys,
  googleKeys,
  hcpTerraformKeys,
  kubernetesKeys,
  nomadKeys,
  spiffeKeys,
];

/** Most identity providers have it there. */
const USUAL_PATH = '/.well-known/jwks.json';

/** Where the key set of an issuer is. */
export interface JwksUris {
  /** The `jwks_uri` of its discovery document. */
  readonly jwksUri: string;
  /** The URLs that have the key set, `jwksUri` among them. */
  readonly jwksUris: readonly string[];
}

/**
 * Where an issuer's key set is: at the vendor's own path, and for one that is nobody's known URL, such as a GitLab of one's
 * own, at the path of each vendor that has one below its issuers.
 * @param told where it is, if that is known better
 */
export function jwksUrisOf(url: string, told?: string): JwksUris {
  const bare = url.replace(/\/$/, '');
  if (told !== undefined) return { jwksUri: told, jwksUris: [told] };
  const vendor = vendors.find(({ isIssuer }) => isIssuer(new URL(url)));
  if (vendor) return { jwksUri: vendor.jwksUri(bare), jwksUris: [vendor.jwksUri(bare)] };
  const usual = `${bare}${USUAL_PATH}`;
  const others = vendors.map(({ jwksUri }) => jwksUri(bare)).filter((uri) => uri.startsWith(`${bare}/`));
  return { jwksUri: usual, jwksUris: [usual, ...others] };
}

/** Whether a URL is that of a vendor whose key set has a known path. */
export function isKnownVendor(url: string): boolean {
  return URL.canParse(url) && vendors.some(({ isIssuer }) => isIssuer(new URL(url)));
}
