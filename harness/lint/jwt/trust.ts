import { isRecord } from '../../../internal/json.js';
import type { ConsulMethod } from '../consul/binding-rules.js';
import { type Block, isKnown, textOf } from '../document/document.js';
import type { JwtRole } from './jwt-role.js';

/** Whose tokens a login takes, as far as that is known. */
export interface Trust {
  /** Each `iss` that it takes, or its discovery URL; none where any will do. */
  readonly issuers: readonly string[];
  /** The URLs of its key sets. */
  readonly keySets: readonly string[];
  /** Whether `*` in an issuer is a wildcard. */
  readonly globs: boolean;
}

/** Whose tokens an auth method takes, or a role of it: the issuer is bound in the auth method, or else in the role. */
export function trustOf(backend: Block | undefined, role?: JwtRole): Trust {
  if (backend === undefined) return { issuers: [], keySets: [], globs: false };
  const bound = textOf(backend, 'bound_issuer');
  const ofRole = role?.bounds.find(({ claim }) => /^\/?iss$/.test(claim));
  const discovery = textOf(backend, 'oidc_discovery_url');
  const issuers = bound === undefined ? (ofRole?.values ?? (discovery === undefined ? [] : [discovery])) : [bound];
  return { issuers, keySets: keySetsOf(backend), globs: bound === undefined && role?.globs === true };
}

/** Whose tokens an auth method of Consul takes. */
export function trustOfMethod({ config = {} }: ConsulMethod): Trust {
  const text = (name: string): string | undefined => {
    const value = config[name];
    return typeof value === 'string' && value !== '' && isKnown(value) ? value : undefined;
  };
  const issuer = text('boundissuer') ?? text('oidcdiscoveryurl');
  const keySet = text('jwksurl');
  return { issuers: issuer === undefined ? [] : [issuer], keySets: keySet === undefined ? [] : [keySet], globs: false };
}

function keySetsOf(backend: Block): string[] {
  const pairs = backend.attributes['jwks_pairs'];
  const urls = (Array.isArray(pairs) ? pairs : []).map((pair) => (isRecord(pair) ? pair['jwks_url'] : undefined));
  return [textOf(backend, 'jwks_url'), ...urls].filter((url) => typeof url === 'string');
}
