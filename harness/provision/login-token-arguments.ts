import { isDeepStrictEqual } from 'node:util';
import { flag, integer, text, textMap, textSet } from './arguments.js';

/** What Vault makes of a `token_*` argument that is not declared. */
const DEFAULTS = {
  token_ttl: 0,
  token_max_ttl: 0,
  token_explicit_max_ttl: 0,
  token_period: 0,
  token_num_uses: 0,
  token_policies: [],
  token_bound_cidrs: [],
  token_no_default_policy: false,
  token_type: 'default',
  alias_metadata: {},
} as const;

/** The arguments about the token of a login, which the roles of every auth method share. */
export const tokenArguments = {
  token_ttl: integer.optional(),
  token_max_ttl: integer.optional(),
  token_explicit_max_ttl: integer.optional(),
  token_period: integer.optional(),
  token_policies: textSet.optional(),
  token_bound_cidrs: textSet.optional(),
  token_no_default_policy: flag.optional(),
  token_num_uses: integer.optional(),
  token_type: text.default('default'),
  alias_metadata: textMap.optional(),
} as const;

type TokenArgument = keyof typeof DEFAULTS;
type TokenAttributes = Readonly<Partial<Record<TokenArgument, unknown>>>;

const NAMES = Object.keys(DEFAULTS) as TokenArgument[];

/**
 * The token arguments that the provider sends: of a new role those that have a value, and later those that changed, because
 * Vault keeps what is not sent.
 */
export function tokenFields(attributes: TokenAttributes, before?: TokenAttributes): Record<string, unknown> {
  const sent = NAMES.map((name) => [name, attributes[name] ?? DEFAULTS[name]] as const).filter(([name, value]) =>
    before === undefined ? !isEmpty(value) : !isDeepStrictEqual(value, before[name] ?? DEFAULTS[name]),
  );
  return Object.fromEntries(sent);
}

/** Whether Terraform holds a value to be not set. */
export function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === '' || value === 0;
}
