import type { Issuer, Publication, SigningAlgorithm, SignOptions, TokenClaims } from 'vaultproof/issuer';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { type Method, refusedWhenWritten, type Side } from './sides.js';

/** A question, as it is put to one of the servers; what comes of it is a cell of the table. */
export type Measure = (side: Side) => Promise<string>;

/** A login, but for its issuer. */
export type Settings = Omit<Method, 'issuer'>;

type Claims = Partial<TokenClaims>;

/** A token about "vishpat" for nobody, unless told otherwise. */
export function tokenOf(issuer: Issuer, claims: Claims = {}, options: SignOptions = {}): Promise<string> {
  return issuer.sign({ sub: 'vishpat', aud: null, ...claims }, options);
}

/** What becomes of tokens with these claims, each signed just before it is used. */
export function tokens(settings: Settings, ...all: ((now: number) => Claims)[]): Measure {
  return async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ ...settings, issuer }).catch(refusedWhenWritten);
    if (name.startsWith('refused')) return name;
    const answers: string[] = [];
    for (const claims of all) {
      answers.push(await side.login(name, await tokenOf(issuer, claims(Math.floor(Date.now() / 1000)))));
    }
    return answers.join(', ');
  };
}

/** What becomes of a token of an algorithm. */
export function algorithm(
  alg: SigningAlgorithm,
  settings: Settings,
  listed: 'listed' | 'none listed' = 'listed',
): Measure {
  return async (side) => {
    const issuer = await side.newIssuer(alg);
    const unlisted = { id_token_signing_alg_values_supported: undefined };
    if (listed === 'none listed') issuer.faults.set('discovery', { body: (right) => ({ ...right, ...unlisted }) });
    const name = await side.write({ ...settings, issuer }).catch(refusedWhenWritten);
    return name.startsWith('refused') ? name : side.login(name, await tokenOf(issuer));
  };
}

/** What becomes of a token of the catalogue, where issuer and audience are bound. */
export function hostile(named: string, keys: Method['keys'] = 'a key set'): Measure {
  return async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer, keys, boundIssuer: issuer.url, audiences: ['damage_inc'] });
    const token = hostileTokens.find((candidate) => candidate.name === named);
    if (token === undefined) throw new Error(`no hostile token "${named}"`);
    return side.login(name, await token.make(issuer, { sub: 'vishpat', aud: 'damage_inc' }));
  };
}

/** A login whose keys the server has fetched. */
export async function known(side: Side) {
  const issuer = await side.newIssuer();
  const name = await side.write({ issuer });
  const answer = await side.login(name, await tokenOf(issuer));
  if (answer !== 'let in') throw new Error(`the first login came to ${answer}`);
  return { issuer, name };
}

/** One whose key has been taken away since: `login` uses that one, or another. */
export async function removed(side: Side) {
  const { issuer, name } = await known(side);
  const old = issuer.keys.active();
  const next = await issuer.keys.rotate({ overlapSeconds: 0 });
  const login = async (key = old): Promise<string> => side.login(name, await tokenOf(issuer, {}, { key }));
  return { issuer, name, login, next };
}

/** How often the key set is fetched for tokens; an explained refusal would read it, too. */
export async function fetches(
  side: Side,
  { fetches: counted }: Publication,
  name: string,
  jwts: readonly string[],
): Promise<number> {
  const before = counted.jwks;
  for (const jwt of jwts) await side.raw(name, jwt);
  return counted.jwks - before;
}
