import { z } from 'zod';
import { blocks, goDuration, textList } from './arguments.js';
import { isAsDeclared } from './lost-answer.js';
import type { ServerRequest } from './resource-type.js';

// Terraform makes an attribute of this block: it wants every member, and null where there is no value.
const tuneBlock = z.strictObject({
  default_lease_ttl: goDuration.nullable(),
  max_lease_ttl: goDuration.nullable(),
  audit_non_hmac_request_keys: textList.nullable(),
  audit_non_hmac_response_keys: textList.nullable(),
  listing_visibility: z.enum(['unauth', 'hidden']).nullable(),
  passthrough_request_headers: textList.nullable(),
  allowed_response_headers: textList.nullable(),
  token_type: z.enum(['default-service', 'default-batch', 'service', 'batch']).nullable(),
});

/** The block `tune` of an auth method; none or one, in which something is set, as the provider needs it. */
export const authTune = blocks(tuneBlock, { max: 1 }).refine(
  ([tune]) => tune === undefined || Object.values(tune).some((value) => value !== null),
  'it is empty: set a value, or leave it out',
);

type AuthTune = readonly z.output<typeof tuneBlock>[];

/**
 * Tunes an auth method as the provider does: durations and lists always, all else where it has a value.
 * @see https://developer.hashicorp.com/vault/api-docs/system/auth#tune-auth-method
 */
export async function tuneAuthMount(
  request: ServerRequest,
  path: string,
  [tune]: AuthTune,
  description?: string,
): Promise<void> {
  // Vault stores the empty text in a list that has nothing else, and the provider sends it.
  const list = (items: readonly string[] | null): readonly string[] => (items?.length ? items : ['']);
  await request('POST', `sys/mounts/auth/${path}/tune`, {
    options: null,
    force_no_cache: false,
    default_lease_ttl: tune?.default_lease_ttl ?? '',
    max_lease_ttl: tune?.max_lease_ttl ?? '',
    description,
    ...(tune && {
      audit_non_hmac_request_keys: list(tune.audit_non_hmac_request_keys),
      audit_non_hmac_response_keys: list(tune.audit_non_hmac_response_keys),
      passthrough_request_headers: list(tune.passthrough_request_headers),
      allowed_response_headers: list(tune.allowed_response_headers),
      listing_visibility: tune.listing_visibility ?? undefined,
      token_type: tune.token_type ?? undefined,
    }),
  });
}

/**
 * Finds an auth method after an answer was lost: by its accessor, or else as it was declared.
 * @returns its accessor
 */
export async function findAuthMount(
  request: ServerRequest,
  { path, type, description, local }: { path: string; type: string; description: string; local: boolean },
  accessor: unknown,
): Promise<unknown> {
  const { data } = await request('GET', 'sys/auth');
  const mount = (data as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[`${path}/`];
  const isIt = mount && isAsDeclared(mount, accessor === undefined ? { type, description, local } : { accessor });
  return isIt ? mount['accessor'] : undefined;
}

/** The accessor of the auth method at a path. */
export async function authAccessor(request: ServerRequest, path: string): Promise<unknown> {
  const { data } = await request('GET', `sys/auth/${path}`);
  return (data as { readonly accessor?: string } | undefined)?.accessor;
}
