import { isRecord } from '../../../internal/json.js';
import { type Block, isKnown, type LintDocument, textOf, textsOf, UNKNOWN } from '../../lint/index.js';
import type { OtherLogin } from './declared.js';

/** What gives a token policies for something else than a JWT of a JWT auth method. */
const OTHER =
  /^vault_(?:(?!jwt_)\w+_auth_backend_(?:group|role|user)|github_team|github_user|okta_auth_backend|token)$/;

/** Of these a login has a JWT, too. */
const WITH_JWT = /^vault_(?:azure|gcp|kubernetes)_/;

const POLICIES = ['token_policies', 'policies', 'allowed_policies'];

/** Where an endpoint is that gives policies to logins, and not the configuration of an auth method. */
const ENDPOINT = /^\/*auth\/.+\/(?:role|roles|user|users|group|groups|certs|map\/[^/]+)\/[^/]+\/*$/;

/**
 * The roles, users and groups of other auth methods, whose logins are not decided, with the policies that their tokens have.
 * @param isCounted whether a policy of a name counts
 */
export function otherLogins({ blocks }: LintDocument, isCounted: (name: string) => boolean): readonly OtherLogin[] {
  const forJwts = new Set(blocks.filter(({ type }) => type.startsWith('vault_jwt_')).map(({ address }) => address));
  return blocks.flatMap((block): OtherLogin[] => {
    const { kind, type, address } = block;
    if (kind !== 'resource' || forJwts.has(address)) return [];
    const named = OTHER.test(type) ? namedIn(block) : type === 'vault_generic_endpoint' ? namedAt(block) : undefined;
    if (named === undefined) return [];
    const names = named.filter(isKnown).map((name) => name.trim().toLowerCase());
    const implicit = textOf(block, 'token_no_default_policy') === 'true' ? [] : ['default'];
    return [
      {
        address,
        policies: [...new Set([...names, ...implicit])].filter(isCounted),
        isWhole: named.every(isKnown),
        hasJwt: WITH_JWT.test(type),
      },
    ];
  });
}

/** The names of policies in a block and in the blocks within it. */
function namedIn(block: Block): readonly string[] {
  const nested = ['group', 'user'].flatMap((name) => {
    const value = block.attributes[name];
    return value === UNKNOWN ? [UNKNOWN] : [value].flat().flatMap((one) => (isRecord(one) ? one['policies'] : []));
  });
  return [...POLICIES.flatMap((name) => textsOf(block, name)), ...nested.flat().map(String)];
}

/** What an endpoint writes; undefined where it is for no login. */
function namedAt({ attributes }: Block): readonly string[] | undefined {
  const { path, data_json: json } = attributes;
  if (typeof path !== 'string' || !ENDPOINT.test(path)) return undefined;
  if (typeof json !== 'string' || !isKnown(json)) return [UNKNOWN];
  try {
    const data: unknown = JSON.parse(json);
    const given = isRecord(data) ? [data['token_policies'], data['policies'], data['value']] : [];
    return given.flatMap((one) =>
      typeof one === 'string' ? one.split(',') : Array.isArray(one) ? one.map(String) : [],
    );
  } catch {
    return [UNKNOWN];
  }
}
