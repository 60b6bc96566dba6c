import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StartedIssuer, secretAlgorithms, signingAlgorithms, startIssuer } from 'vaultproof/issuer';
import { secretBytes, sharedSecret } from 'vaultproof/issuer/keys';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildGoVerifier, type GoVerdict, type GoVerifierInput } from '../../support/go-verifier.js';
import { requires } from '../../support/requirement.js';

// jose and node:crypto are in the issuer itself, so their word on its tokens is worth less than that of another code. Vault
// and Consul verify with go-jose; golang-jwt is what most other servers in Go have.

const claims = { sub: 'vishpat', aud: 'damage_inc' };
const BUILD_MS = 300_000;
let folder: string;
let issuer: StartedIssuer;
let verify: ((input: GoVerifierInput) => Promise<GoVerdict[]>) | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vaultproof-go-verifier-'));
  issuer = await startIssuer({ algorithms: [...signingAlgorithms] });
});
afterAll(async () => {
  await issuer?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(requires('go'), BUILD_MS);
beforeEach(async () => {
  verify ??= await buildGoVerifier(folder);
}, BUILD_MS);

async function verdict(alg: string, jwt: string, secret?: Uint8Array): Promise<GoVerdict | undefined> {
  const [first] =
    (await verify?.({ jwksUrl: issuer.jwksUrl, tokens: [{ alg, jwt }], ...(secret && { secret }) })) ?? [];
  return first;
}

/** The token with another subject, and the same signature. */
function tampered(jwt: string): string {
  const [header, payload = '', signature] = jwt.split('.');
  const changed = Buffer.from(payload, 'base64url').toString().replace('vishpat', 'mallory');
  return [header, Buffer.from(changed).toString('base64url'), signature].join('.');
}

const refused = { goJose: expect.not.stringMatching(/^ok$/), golangJwt: expect.not.stringMatching(/^ok$/) };

describe.each(signingAlgorithms)('a token signed with %s', (alg) => {
  const sign = async (): Promise<string> => {
    const key = issuer.keys.published().find((candidate) => candidate.alg === alg);
    if (!key) throw new Error(`the issuer has no ${alg} key`);
    return issuer.sign(claims, { key });
  };

  test('is verified by go-jose and by golang-jwt with the key set that is served', async () => {
    expect(await verdict(alg, await sign())).toEqual({ goJose: 'ok', golangJwt: 'ok' });
  });

  test('is refused by both when it was changed, and when another algorithm is expected', async () => {
    expect(await verdict(alg, tampered(await sign()))).toEqual(refused);
    expect(await verdict(alg === 'RS256' ? 'PS256' : 'RS256', await sign())).toEqual(refused);
  });
});

describe.each(secretAlgorithms)('a token signed with %s', (alg) => {
  const secret = 'a shared secret of sixty-four bytes or more, which HS512 wants it to have';
  const sign = (): Promise<string> => issuer.sign(claims, { key: sharedSecret(secret, alg) });

  test('is verified by both with the secret', async () => {
    expect(await verdict(alg, await sign(), secretBytes(secret))).toEqual({ goJose: 'ok', golangJwt: 'ok' });
  });

  test('is refused by both when it was changed, and with another secret', async () => {
    expect(await verdict(alg, tampered(await sign()), secretBytes(secret))).toEqual(refused);
    expect(await verdict(alg, await sign(), secretBytes(`${secret}!`))).toEqual(refused);
  });
});
