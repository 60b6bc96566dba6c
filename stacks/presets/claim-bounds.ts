/** What a stack needs to know of a vendor's issuer; a Vault stack's props begin with it. */
export interface VendorBackend {
  readonly jwksUrl: string;
  readonly boundIssuer: string;
  readonly jwtSupportedAlgs: string[];
}

/**
 * What a claim must be: exactly this, or anything that begins with this. A beginning ends with the separator that it
 * stops at, for what follows may have every other one in it: `{ below: 'refs/heads/release/' }`.
 */
export type Bound = string | { readonly below: string };

/** What claims must be, by name or JSON pointer; of several values one must fit; undefined is no bound. */
export type ClaimBounds = Readonly<Record<string, Bound | readonly string[] | undefined>>;

/**
 * Checks an id of digits, as vendors give them out.
 * @throws TypeError for a name or a number: a claim that is a string never equals a number
 */
export function digits(name: string, id: string): string {
  if (typeof id === 'string' && /^\d+$/.test(id)) return id;
  throw new TypeError(`"${name}" must be the id as a string of digits, not ${JSON.stringify(id)}`);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Checks a UUID, as vendors write them.
 * @throws TypeError for a name, which may change, or one in upper case: claims are compared byte for byte
 */
export function uuid(name: string, id: string): string {
  if (typeof id === 'string' && UUID.test(id)) return id;
  throw new TypeError(`"${name}" must be a UUID in lower case, not ${JSON.stringify(id)}: a name may change`);
}

/** The text of a bound: the value, or the beginning that it must have. */
export function textOf(bound: Bound): string {
  return typeof bound === 'string' ? bound : bound.below;
}

/**
 * Checks what a claim must begin with.
 * @throws TypeError for one that a longer name begins with, too
 */
export function checkBeginning(claim: string, beginning: string): void {
  if (/[/:@]$/.test(beginning)) return;
  throw new TypeError(`"${beginning}" of "${claim}" ends in the middle of a name: end the prefix with "/", ":" or "@"`);
}

/**
 * Refuses bounds that let strangers in.
 * @param what the role or the rule, for the message
 * @throws TypeError that says what to add
 */
export function refuseWeak(what: string, who: string, add: string): never {
  throw new TypeError(`${what} lets in ${who}: add ${add}`);
}
