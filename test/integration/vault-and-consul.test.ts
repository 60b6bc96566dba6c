import {
  generateSigningKey,
  hostileTokens,
  type Issuer,
  type Publication,
  type SigningAlgorithm,
  type TokenClaims,
} from 'vaultproof/issuer';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOn } from '../support/engines.js';
import { sharedEnvironment } from '../support/shared-environment.js';
import { differences, type Question } from './vault-and-consul/differences.js';
import { type Method, refusedWhenWritten, type Side, sidesOf } from './vault-and-consul/sides.js';

// Discovery has the issuer's own URL, which no container reaches.
const env = sharedEnvironment({
  vault: runOn('process', 'vault'),
  consul: runOn('process', 'consul'),
});
let sides: Readonly<Record<'vault' | 'consul', Side>>;
let count = 0;

beforeAll(() => {
  sides = sidesOf(env);
});

type OwnIssuer = Issuer & Publication;
type Settings = Omit<Method, 'issuer'>;
type Claims = Partial<TokenClaims>;

/** An issuer that nobody has asked for anything yet. */
function ownIssuer(...algorithms: SigningAlgorithm[]): Promise<OwnIssuer> {
  const setup = algorithms.length > 0 ? { algorithms } : {};
  return env.issuer.addIssuer(`/own-${++count}`, setup);
}

/** A token about "vishpat" for nobody, unless told otherwise. */
const tokenOf = (issuer: Issuer, claims: Claims = {}): Promise<string> =>
  issuer.sign({ sub: 'vishpat', aud: null, ...claims });

/** What tokens with these claims come to, signed for this alone; the first one's claims may depend on the time. */
function tokens(settings: Settings, ...all: ((now: number, issuer: Issuer) => Claims)[]) {
  return async (side: Side): Promise<string> => {
    const issuer = await ownIssuer();
    const name = await side.write({ ...settings, issuer }).catch(refusedWhenWritten);
    if (name.startsWith('refused')) return name;
    const answers: string[] = [];
    for (const claims of all) {
      answers.push(await side.login(name, await tokenOf(issuer, claims(Math.floor(Date.now() / 1000), issuer))));
    }
    return answers.join(', ');
  };
}

/** What a token of an algorithm comes to. */
function algorithm(alg: SigningAlgorithm, settings: Settings, inDocument?: 'none in the discovery document') {
  return async (side: Side): Promise<string> => {
    const issuer = await ownIssuer(alg);
    if (inDocument) {
      issuer.faults.set('discovery', {
        body: (right) => ({ ...right, id_token_signing_alg_values_supported: undefined }),
      });
    }
    const name = await side.write({ ...settings, issuer }).catch(refusedWhenWritten);
    return name.startsWith('refused') ? name : side.login(name, await tokenOf(issuer));
  };
}

/** What a token of the catalogue comes to, with all bound. */
function hostile(named: string, keys?: Method['keys']) {
  return async (side: Side): Promise<string> => {
    const issuer = await ownIssuer();
    const bound = { boundIssuer: issuer.url, audiences: ['damage_inc'] };
    const name = await side.write({ issuer, ...bound, ...(keys && { keys }) });
    const token = hostileTokens.find((candidate) => candidate.name === named);
    if (token === undefined) throw new Error(`no hostile token "${named}"`);
    return side.login(name, await token.make(issuer, { sub: 'vishpat', aud: 'damage_inc' }));
  };
}

/** A method and its issuer, with which the first login is done. */
async function known(side: Side) {
  const issuer = await ownIssuer();
  const name = await side.write({ issuer });
  expect(await side.login(name, await tokenOf(issuer))).toBe('let in');
  return { issuer, name };
}

/** One whose key has been taken away since. */
async function removed(side: Side) {
  const { issuer, name } = await known(side);
  const old = issuer.keys.active();
  const next = await issuer.keys.rotate({ overlapSeconds: 0 });
  const login = async (key = old) => side.login(name, await issuer.sign({ sub: 'vishpat', aud: null }, { key }));
  return { issuer, name, login, next };
}

/** How often the key set is fetched for tokens; an explained refusal would read it, too. */
async function fetches(side: Side, issuer: OwnIssuer, name: string, jwts: readonly string[]): Promise<number> {
  const before = issuer.fetches.jwks;
  for (const jwt of jwts) await side.raw(name, jwt);
  return issuer.fetches.jwks - before;
}

async function raw(side: Side, name: string, jwt: string): Promise<string> {
  const { status, contentType } = await side.raw(name, jwt);
  const kind = contentType.startsWith('application/json')
    ? 'JSON'
    : contentType.startsWith('text/plain')
      ? 'text'
      : contentType;
  return `${status}, ${kind}`;
}

const discovery: Settings = { keys: 'discovery' };
const stillFrom = (seconds: number) => (now: number) => ({ iat: now - 3600, exp: now - seconds });
const notBefore = (seconds: number) => (now: number) => ({ nbf: now + seconds, exp: now + 3600 });
const noExp = (seconds: number) => (now: number) => ({ iat: now - seconds, exp: null });
const laterIat = (now: number) => ({ iat: now + 3600, nbf: now - 10, exp: now + 7200 });
const farExpAlone = (now: number) => ({ iat: null, exp: now + 3600 });
const red = { role: { bound_claims: { team: 'red*' }, bound_claims_type: 'glob' } };

/** How each question is put to a server. */
const measures: Readonly<Record<Question, (side: Side) => Promise<string>>> = {
  'fetches for a first login, and for a second with the same key': async (side) => {
    const issuer = await ownIssuer();
    const name = await side.write({ issuer });
    const jwt = await tokenOf(issuer);
    return `${await fetches(side, issuer, name, [jwt])}, ${await fetches(side, issuer, name, [jwt])}`;
  },
  'fetches for three tokens with a `kid` that is in no key set': async (side) => {
    const { issuer, name } = await known(side);
    const strange = await issuer.sign({ sub: 'vishpat', aud: null }, { key: await generateSigningKey() });
    return String(await fetches(side, issuer, name, [strange, strange, strange]));
  },
  'fetches for three tokens with a known `kid` and a bad signature': async (side) => {
    const { issuer, name } = await known(side);
    const header = { kid: issuer.keys.active().kid };
    const forged = await issuer.sign({ sub: 'vishpat', aud: null }, { key: await generateSigningKey(), header });
    return String(await fetches(side, issuer, name, [forged, forged, forged]));
  },
  'a new key, where the key set had `Cache-Control: max-age=3600` when it was fetched': async (side) => {
    const issuer = await ownIssuer();
    issuer.faults.set('jwks', { headers: { 'Cache-Control': 'max-age=3600' } });
    const name = await side.write({ issuer });
    await side.login(name, await tokenOf(issuer));
    const key = await issuer.keys.rotate();
    return side.login(name, await issuer.sign({ sub: 'vishpat', aud: null }, { key }));
  },
  'a removed key': async (side) => (await removed(side)).login(),
  'a removed key, once a token of another made the server fetch': async (side) => {
    const { login, next } = await removed(side);
    expect(await login(next)).toBe('let in');
    return login();
  },
  'a removed key, once another auth method is written': async (side) => {
    const { login } = await removed(side);
    await side.write({ issuer: await ownIssuer() });
    return login();
  },
  'a removed key, once its own auth method is written again as it is': async (side) => {
    const { issuer, name, login } = await removed(side);
    await side.write({ issuer }, name);
    return login();
  },
  'a known key, while the key set answers 500': async (side) => {
    const { issuer, name } = await known(side);
    issuer.faults.set('jwks', 'server-error');
    return side.login(name, await tokenOf(issuer));
  },
  'a known key, while the key set answers 500, once another auth method is written': async (side) => {
    const { issuer, name } = await known(side);
    issuer.faults.set('jwks', 'server-error');
    await side.write({ issuer: await ownIssuer() });
    return side.login(name, await tokenOf(issuer));
  },
  'a good key, whose key set also has one that cannot be read, at the first login': async (side) => {
    const issuer = await ownIssuer();
    const name = await side.write({ issuer });
    issuer.faults.set('jwks', 'unknown-key-type');
    return side.login(name, await tokenOf(issuer));
  },
  'static keys: a `kid` that is of none of them': async (side) => {
    const issuer = await ownIssuer();
    const name = await side.write({ issuer, keys: 'static keys' });
    return side.login(name, await issuer.sign({ sub: 'vishpat', aud: null }, { header: { kid: 'of-nobody' } }));
  },

  'the clock skew `10`, for a token that expired 5 s ago': tokens({ clockSkew: 10 }, stillFrom(5)),
  'the clock skew `"10s"`, for a token that expired 5 s ago': tokens({ clockSkew: '10s' }, stillFrom(5)),
  'no leeway given: 55 s after `exp`, and 65 s after it': tokens({}, stillFrom(55), stillFrom(65)),
  'discovery, no leeway given: 55 s after `exp`, and 65 s after it': tokens(discovery, stillFrom(55), stillFrom(65)),
  'no leeway given: 55 s before `nbf`, and 200 s before it': tokens({}, notBefore(55), notBefore(200)),
  'discovery, no leeway given: 55 s before `nbf`, and 200 s before it': tokens(
    discovery,
    notBefore(55),
    notBefore(200),
  ),
  'an `iat` an hour from now, beside an `nbf` that has come': tokens({}, laterIat),
  'discovery: an `iat` an hour from now, beside an `nbf` that has come': tokens(discovery, laterIat),
  'no `exp`: 200 s after `iat`, and 220 s after it': tokens({}, noExp(200), noExp(220)),
  'discovery, no `exp`: 200 s after `iat`, and 220 s after it': tokens(discovery, noExp(200), noExp(220)),
  'an `exp` an hour off, and neither `iat` nor `nbf`': tokens({}, farExpAlone),
  'discovery: an `exp` an hour off, and neither `iat` nor `nbf`': tokens(discovery, farExpAlone),

  'no list: ES256': algorithm('ES256', {}),
  'discovery, no list, and none in the discovery document: ES256': algorithm(
    'ES256',
    discovery,
    'none in the discovery document',
  ),
  'the list RS256: ES256': algorithm('ES256', { algorithms: ['RS256'] }),
  'static keys, the list RS256: ES256': algorithm('ES256', { keys: 'static keys', algorithms: ['RS256'] }),
  'discovery, the list RS256: ES256': algorithm('ES256', { ...discovery, algorithms: ['RS256'] }),
  'no list: EdDSA': algorithm('EdDSA', {}),
  'the list EdDSA: EdDSA': algorithm('EdDSA', { algorithms: ['EdDSA'] }),

  'no issuer bound: another `iss`': tokens({}, () => ({ iss: 'https://elsewhere.example' })),
  'discovery, no issuer bound: another `iss`': tokens(discovery, () => ({ iss: 'https://elsewhere.example' })),
  'discovery, another issuer bound: the `iss` of the discovery document': tokens(
    { ...discovery, boundIssuer: 'https://elsewhere.example' },
    () => ({}),
  ),
  'no audience bound: an `aud`': tokens({}, () => ({ aud: 'damage_inc' })),
  'discovery, no audience bound: an `aud`': tokens(discovery, () => ({ aud: 'damage_inc' })),
  'an audience bound: no `aud`': tokens({ audiences: ['damage_inc'] }, () => ({})),
  'nothing bound at all: no `aud`': tokens({ role: { bound_subject: '' } }, () => ({})),

  '`exp` twice, past and then good': hostile('duplicate-exp'),
  'a past `exp`, and a good `EXP` after it': hostile('upper-exp-beside-exp'),
  'another `iss`, and a good `ISS` after it': hostile('upper-iss-beside-iss'),
  'another `aud`, and a good `AUD` after it': hostile('upper-aud-beside-aud'),
  'static keys: a past `exp`, and a good `EXP` after it': hostile('upper-exp-beside-exp', 'static keys'),
  'static keys: `exp` twice, past and then good': hostile('duplicate-exp', 'static keys'),
  'no team in the token: `bound_claims` of `{"team": "red*"}` by glob, and `value.team != "blue"`': tokens(
    { ...red, selector: 'value.team != "blue"' },
    () => ({}),
  ),
  'no team in the token: `bound_claims` of `{"team": "red*"}` by glob, and `value.team matches "^red"`': tokens(
    { ...red, selector: 'value.team matches "^red"' },
    () => ({}),
  ),
  'level 3 bound, level 3.9 in the token': tokens(
    { role: { bound_claims: { level: 3 } }, selector: 'value.level == "3"' },
    () => ({ level: 3.9 }),
  ),
  'level "3" bound, level 3 in the token': tokens(
    { role: { bound_claims: { level: '3' } }, selector: 'value.level == "3"' },
    () => ({ level: 3 }),
  ),
  'a mapped claim that is a number': tokens({ role: { claim_mappings: { team: 'team' } } }, () => ({ team: 3 })),
  'a mapped claim that is a list': tokens({ role: { claim_mappings: { team: 'team' } } }, () => ({ team: ['red'] })),

  'how long a token is good for, unless it is told': async (side) => {
    const issuer = await ownIssuer();
    return side.lifetime(await side.write({ issuer }), await tokenOf(issuer));
  },
  'how long one is good for that is told 30 s': async (side) => {
    const issuer = await ownIssuer();
    const name = await side.write({ issuer, ttl: '30s' }).catch(refusedWhenWritten);
    return name.startsWith('refused') ? name : side.lifetime(name, await tokenOf(issuer));
  },
  'the same JWT, a second time': async (side) => {
    const issuer = await ownIssuer();
    const [name, jwt] = [await side.write({ issuer }), await tokenOf(issuer)];
    await side.login(name, jwt);
    return side.login(name, jwt);
  },

  'an expired token': async (side) => {
    const { issuer, name } = await known(side);
    return raw(side, name, await tokenOf(issuer, { iat: 1, exp: 2 }));
  },
  'a token of an unknown key': async (side) => {
    const { issuer, name } = await known(side);
    return raw(side, name, await issuer.sign({ sub: 'vishpat', aud: null }, { key: await generateSigningKey() }));
  },
  'a token that nothing binds': async (side) => {
    const issuer = await ownIssuer();
    const name = await side.write({ issuer, selector: 'value.sub == "vishpat"' });
    return raw(side, name, await tokenOf(issuer, { sub: 'mallory' }));
  },
  'an auth method that is not there': async (side) => raw(side, 'nowhere', await tokenOf(await ownIssuer())),
  'a key set that cannot be fetched': async (side) => {
    const issuer = await ownIssuer();
    const name = await side.write({ issuer });
    issuer.faults.set('jwks', 'server-error');
    return raw(side, name, await tokenOf(issuer));
  },
};

describe.each(differences.map((difference) => [difference.what, difference] as const))('%s', (what, expected) => {
  test.each(['vault', 'consul'] as const)('at %s', async (product) => {
    expect(await measures[what](sides[product])).toBe(expected[product]);
  });
});
