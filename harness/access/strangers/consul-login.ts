import { UsageError } from '../../../errors/index.js';
import type { ConsulLogin } from '../consul/login.js';

/** What of the props of a `ConsulJwtStack` decides who gets in. */
export interface ConsulLoginProps {
  readonly boundIssuer?: string | undefined;
  readonly boundAudiences?: readonly string[] | undefined;
  readonly oidcDiscoveryUrl?: string | undefined;
  readonly jwtValidationPubKeys?: readonly string[] | undefined;
  readonly claimMappings?: Readonly<Record<string, string>> | undefined;
  readonly listClaimMappings?: Readonly<Record<string, string>> | undefined;
  readonly bindingRules: readonly {
    readonly bindType: string;
    readonly bindName: string;
    readonly bindVars?: { readonly name: string } | undefined;
    readonly selector?: string | undefined;
  }[];
}

/**
 * Whether something is a login of Consul, and not a role of Vault.
 * @throws UsageError for the props of a stack of Vault's, and for what `readAccess()` found
 */
export function isOfConsul<Login extends object>(
  login: Login | ConsulLogin | ConsulLoginProps,
): login is ConsulLogin | ConsulLoginProps {
  if ('config' in login || 'bindingRules' in login) return true;
  if ('bounds' in login) throw new UsageError('this is what readAccess() found: pass its "bounds"');
  if ('roles' in login) throw new UsageError('these are the props of a stack: pass one role, { ...backend, ...role }');
  return false;
}

/** A login as Consul has it, of the props of a stack or of one that is written so. */
export function consulLoginOf(login: ConsulLogin | ConsulLoginProps): ConsulLogin {
  if ('config' in login) return login;
  const { bindingRules, ...props } = login;
  const config = {
    BoundIssuer: props.boundIssuer,
    BoundAudiences: props.boundAudiences,
    OIDCDiscoveryURL: props.oidcDiscoveryUrl,
    JWTValidationPubKeys: props.jwtValidationPubKeys,
    ClaimMappings: props.claimMappings,
    ListClaimMappings: props.listClaimMappings,
  };
  return {
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)),
    rules: bindingRules.map(({ bindType, bindName, bindVars, selector }) => ({
      ...{ BindType: bindType, BindName: bindName },
      ...(bindVars !== undefined && { BindVars: { Name: bindVars.name } }),
      Selector: selector ?? '',
    })),
  };
}
