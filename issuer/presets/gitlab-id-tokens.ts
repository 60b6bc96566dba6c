import type { Issuer } from '../issuer.js';
import { type GitLabJob, gitlab } from './gitlab.js';

/**
 * The variables of a job with `id_tokens`: one token for each name, with its own audience.
 *
 * @example
 * const env = await gitlabIdTokens(issuer, { project: 'acme/app' }, { VAULT_ID_TOKEN: 'https://vault.example' });
 * @see https://docs.gitlab.com/ci/yaml/#id_tokens
 */
export async function gitlabIdTokens<Name extends string>(
  issuer: Pick<Issuer, 'sign'>,
  job: Omit<GitLabJob, 'audience'>,
  audiences: Readonly<Record<Name, string | readonly string[]>>,
): Promise<Record<Name, string>> {
  const named = Object.entries<string | readonly string[]>(audiences).map(
    async ([name, audience]) => [name, await issuer.sign(gitlab({ ...job, audience }))] as const,
  );
  return Object.fromEntries(await Promise.all(named)) as Record<Name, string>;
}
