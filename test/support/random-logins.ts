import type { VaultLoginRole } from 'vaultproof/access';
import type { Random } from './random.js';
import { some } from './random-policies.js';

const NAMES = ['repo', 'ref', 'list', 'flag', 'id', 'deep'] as const;
const STRINGS = ['a', 'ab', 'abc', 'b/a', 'a/b/c', 'x*', '', 'é'] as const;
const GLOBS = ['a', 'a*', '*b', 'a*c', '*', 'a*b*c', '*/*', 'x*', '', '**', 'é*'] as const;
const POINTERS = ['/deep/a', '/deep/list/0', '/list/1', '/repo', '/no/where', '/deep/a~1b', '/list/', '/a~0b'] as const;

/** A role's bounds of few values, so that tokens fit some of them. */
export function randomRole(random: Random): VaultLoginRole {
  const isGlob = random.oneIn(2);
  const value = (): unknown => {
    if (isGlob) return random.pick(GLOBS);
    return random.oneIn(5) ? random.pick([true, false, 1, 74, 1.5]) : random.pick(STRINGS);
  };
  const names = [
    ...some(random, NAMES),
    ...(random.oneIn(3) ? [random.pick(POINTERS)] : []),
    ...(random.oneIn(9) ? ['sub', 'aud'] : []),
  ];
  return {
    boundAudiences: random.pick([['one'], ['one', 'two'], ['three', 'one'], ...(random.oneIn(3) ? [[]] : [])]),
    ...(random.oneIn(4) && { boundSubject: random.pick(['me', 'me', 'me', 'you']) }),
    boundClaims: Object.fromEntries(
      names
        .slice(0, 3)
        .map((name) => [name, random.oneIn(2) ? value() : Array.from({ length: random.below(4) }, value)]),
    ),
    boundClaimsType: isGlob ? 'glob' : 'string',
    userClaim: random.oneIn(5) ? random.pick(['repo', 'id', '/deep/a']) : 'sub',
    userClaimJsonPointer: random.oneIn(3),
    ...(random.oneIn(4) && { groupsClaim: random.pick(['list', 'repo', '/deep/list']) }),
    ...(random.oneIn(4) && { claimMappings: { [random.pick(['ref', '/deep/a', 'flag'])]: 'key' } }),
  };
}

/** The claims of a token that fits many of those roles. */
export function randomClaims(random: Random): Record<string, unknown> {
  const scalar = (): unknown =>
    random.oneIn(4) ? random.pick([true, false, 1, 1.9, 74, null, 0]) : random.pick(STRINGS);
  const list = (): unknown[] => Array.from({ length: random.below(4) }, scalar);
  const claims: Record<string, unknown> = {
    aud: random.oneIn(8)
      ? random.pick([[], '', ['one', 'four'], 'four', null, 7])
      : random.pick(['one', ['one', 'two']]),
    sub: random.oneIn(10) ? random.pick(['', 'you', 7, null]) : 'me',
    deep: random.oneIn(3) ? scalar() : { a: scalar(), list: list(), 'a/b': scalar() },
    list: random.oneIn(4) ? scalar() : list(),
  };
  for (const name of ['repo', 'ref', 'flag', 'id', 'a~b'])
    if (!random.oneIn(6)) claims[name] = random.oneIn(6) ? list() : scalar();
  if (random.oneIn(12)) claims[random.pick(['SUB', 'Aud', 'ſub', 'ISS', 'Ref'])] = random.pick(['me', 'one', 'you']);
  return claims;
}

/** A role as `auth/<mount>/role/<name>` takes it. */
export function roleFields(role: VaultLoginRole): Record<string, unknown> {
  return {
    role_type: 'jwt',
    bound_audiences: role.boundAudiences ?? [],
    bound_subject: role.boundSubject ?? '',
    bound_claims: role.boundClaims ?? {},
    bound_claims_type: role.boundClaimsType ?? 'string',
    user_claim: role.userClaim,
    user_claim_json_pointer: role.userClaimJsonPointer === true,
    groups_claim: role.groupsClaim ?? '',
    claim_mappings: role.claimMappings ?? {},
  };
}
