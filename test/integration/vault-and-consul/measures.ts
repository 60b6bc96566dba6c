import { generateSigningKey } from 'vaultproof/issuer';
import type { Question } from './differences.js';
import {
  algorithm,
  fetches,
  hostile,
  known,
  type Measure,
  removed,
  type Settings,
  tokenOf,
  tokens,
} from './questions.js';
import { refusedWhenWritten } from './sides.js';

const discovery: Settings = { keys: 'discovery' };
const expiredFor = (seconds: number) => (now: number) => ({ iat: now - 3600, exp: now - seconds });
const notBefore = (seconds: number) => (now: number) => ({ nbf: now + seconds, exp: now + 3600 });
const noExp = (seconds: number) => (now: number) => ({ iat: now - seconds, exp: null });
const laterIat = (now: number) => ({ iat: now + 3600, nbf: now - 10, exp: now + 7200 });
const farExpAlone = (now: number) => ({ iat: null, exp: now + 3600 });
const red = { role: { bound_claims: { team: 'red*' }, bound_claims_type: 'glob' } };

/** How each question is put to a server. */
export const measures: Readonly<Record<Question, Measure>> = {
  'fetches for a first login, and for a second with the same key': async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer });
    const jwt = await tokenOf(issuer);
    return `${await fetches(side, issuer, name, [jwt])}, ${await fetches(side, issuer, name, [jwt])}`;
  },
  'fetches for three tokens with a `kid` that is in no key set': async (side) => {
    const { issuer, name } = await known(side);
    const strange = await tokenOf(issuer, {}, { key: await generateSigningKey() });
    return String(await fetches(side, issuer, name, [strange, strange, strange]));
  },
  'fetches for three tokens with a known `kid` and a bad signature': async (side) => {
    const { issuer, name } = await known(side);
    const header = { kid: issuer.keys.active().kid };
    const forged = await tokenOf(issuer, {}, { key: await generateSigningKey(), header });
    return String(await fetches(side, issuer, name, [forged, forged, forged]));
  },
  'a new key, where the key set had `Cache-Control: max-age=3600` when it was fetched': async (side) => {
    const issuer = await side.newIssuer();
    issuer.faults.set('jwks', { headers: { 'Cache-Control': 'max-age=3600' } });
    const name = await side.write({ issuer });
    await side.login(name, await tokenOf(issuer));
    const key = await issuer.keys.rotate();
    return side.login(name, await tokenOf(issuer, {}, { key }));
  },
  'a removed key': async (side) => (await removed(side)).login(),
  'a removed key, once a token of another made the server fetch': async (side) => {
    const { login, next } = await removed(side);
    await login(next);
    return login();
  },
  'a removed key, once another auth method is written': async (side) => {
    const { login } = await removed(side);
    await side.write({ issuer: await side.newIssuer() });
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
    await side.write({ issuer: await side.newIssuer() });
    return side.login(name, await tokenOf(issuer));
  },
  'a good key, whose key set also has one that cannot be read, at the first login': async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer });
    issuer.faults.set('jwks', 'unknown-key-type');
    return side.login(name, await tokenOf(issuer));
  },
  'static keys: a `kid` that is of none of them': async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer, keys: 'static keys' });
    return side.login(name, await tokenOf(issuer, {}, { header: { kid: 'of-nobody' } }));
  },

  'the clock skew `10`, for a token that expired 5 s ago': tokens({ clockSkew: 10 }, expiredFor(5)),
  'the clock skew `"10s"`, for a token that expired 5 s ago': tokens({ clockSkew: '10s' }, expiredFor(5)),
  'no leeway given: 55 s after `exp`, and 65 s after it': tokens({}, expiredFor(55), expiredFor(65)),
  'discovery, no leeway given: 55 s after `exp`, and 65 s after it': tokens(discovery, expiredFor(55), expiredFor(65)),
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
  'discovery, no list, and none in the discovery document: ES256': algorithm('ES256', discovery, 'none listed'),
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
  'no audience bound: an `aud` that is empty': tokens({}, () => ({ aud: '' })),
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

  'how long a token is valid by default': async (side) => {
    const issuer = await side.newIssuer();
    return side.lifetime(await side.write({ issuer }), await tokenOf(issuer));
  },
  'how long one is good for that is told 30 s': async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer, ttl: '30s' }).catch(refusedWhenWritten);
    return name.startsWith('refused') ? name : side.lifetime(name, await tokenOf(issuer));
  },
  'the same JWT, a second time': async (side) => {
    const issuer = await side.newIssuer();
    const [name, jwt] = [await side.write({ issuer }), await tokenOf(issuer)];
    await side.login(name, jwt);
    return side.login(name, jwt);
  },

  'an expired token': async (side) => {
    const { issuer, name } = await known(side);
    return side.raw(name, await tokenOf(issuer, { iat: 1, exp: 2 }));
  },
  'a token of an unknown key': async (side) => {
    const { issuer, name } = await known(side);
    return side.raw(name, await tokenOf(issuer, {}, { key: await generateSigningKey() }));
  },
  'a token that nothing binds': async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer, selector: 'value.sub == "vishpat"' });
    return side.raw(name, await tokenOf(issuer, { sub: 'mallory' }));
  },
  'an auth method that is not there': async (side) => side.raw('nowhere', await tokenOf(await side.newIssuer())),
  'a key set that cannot be fetched': async (side) => {
    const issuer = await side.newIssuer();
    const name = await side.write({ issuer });
    issuer.faults.set('jwks', 'server-error');
    return side.raw(name, await tokenOf(issuer));
  },
};
