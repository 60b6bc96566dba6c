import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../errors/index.js';
import type { HttpRequest } from '../internal/http-client.js';
import { shownUrl } from '../internal/redaction.js';
import { hostileTokens } from '../issuer/hostile/index.js';
import {
  completeClaims,
  createIssuer,
  fillClaimsTemplate,
  type SecretAlgorithm,
  type Signer,
  secretAlgorithms,
  signCompact,
  type TokenClaims,
} from '../issuer/index.js';
import { importSigningKey, secretFromEnv, sharedSecret } from '../issuer/keys/index.js';
import { seconds, unknownName } from './arguments.js';
import { readInput, readJsonObject, readText } from './files.js';
import { algorithmOption } from './key/generate.js';
import { documentation, mask, print } from './output.js';
import { requestUrl } from './request-url.js';

/** `vaultproof token`: a token, good or hostile. */
export const token = defineCommand({
  meta: {
    name: 'token',
    groups: {
      'The signer, one of': ['issuer', 'key', 'secret-env'],
      Claims: ['sub', 'aud', 'iss', 'expires-in', 'claims', 'template', 'payload'],
      Header: ['alg', 'kid', 'header'],
    },
  },
  args: {
    issuer: {
      type: 'string',
      valueHint: 'URL',
      description: 'An issuer that runs and mints the token: at /token for --sub and --aud alone, else at /sign',
    },
    key: { type: 'string', valueHint: 'FILE', description: 'The private key that signs, PEM or JWK; - for stdin' },
    'secret-env': {
      type: 'string',
      valueHint: 'FILE',
      description: 'A .env file whose KEY is the shared secret that signs, verbatim; with HS256 by default',
    },
    sub: { type: 'string', valueHint: 'SUB', description: 'The subject; required here or in --claims' },
    aud: { type: 'string', valueHint: 'AUD', description: 'The audience; default none' },
    iss: { type: 'string', valueHint: 'URL', description: 'The issuer; default none' },
    'expires-in': { type: 'string', valueHint: 'S', description: 'Seconds from its iat to its exp; default 300' },
    claims: {
      type: 'string',
      valueHint: 'JSON|@FILE',
      description: 'More claims; the options above win, null leaves one out',
    },
    template: {
      type: 'string',
      valueHint: 'JSON|@FILE',
      description: 'Claims with placeholders, such as {"email": "{{sub}}@example.com", "exp": "{{now + 60}}"}',
    },
    payload: {
      type: 'string',
      valueHint: 'TEXT|@FILE',
      description: 'What is signed, byte for byte, instead of claims',
    },
    alg: { type: 'string', valueHint: 'ALG', description: "Default the key's usual algorithm" },
    kid: { type: 'string', valueHint: 'KID', description: "Default the key's thumbprint; none with a shared secret" },
    header: { type: 'string', valueHint: 'JSON', description: 'More header parameters, also @FILE' },
    hostile: {
      type: 'string',
      valueHint: 'NAME',
      description:
        'Changes one thing in the token that --key, --iss, --sub and --aud would make, or --issuer; docs/hostile-tokens.md has the names',
    },
    json: { type: 'boolean', description: 'Print one JSON object: {"token"}' },
  },
  run: async ({ args }) => {
    const { issuer, key, 'secret-env': env } = args;
    if ([issuer, key, env].filter((source) => source !== undefined).length !== 1) {
      throw new UsageError('give one of --issuer, --key and --secret-env');
    }
    const jwt =
      args.hostile !== undefined
        ? await mintHostile(args.hostile, args)
        : issuer === undefined
          ? await mintHere(args)
          : await requestToken(issuer, args);
    mask(jwt);
    print(args.json === true ? JSON.stringify({ token: jwt }) : jwt);
  },
});

interface ClaimArguments {
  readonly sub?: string | undefined;
  readonly aud?: string | undefined;
  readonly iss?: string | undefined;
  readonly 'expires-in'?: string | undefined;
  readonly claims?: string | undefined;
  readonly template?: string | undefined;
  readonly payload?: string | undefined;
}

/** What is given to a signature, besides. */
interface MintArguments extends ClaimArguments {
  readonly issuer?: string | undefined;
  readonly key?: string | undefined;
  readonly 'secret-env'?: string | undefined;
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
  readonly header?: string | undefined;
  readonly hostile?: string | undefined;
}

async function mintHere(args: MintArguments): Promise<string> {
  const { key, 'secret-env': env, kid, alg } = args;
  const header = args.header === undefined ? {} : await readJsonObject('header', args.header);
  const payload = await payloadOf(args);
  const kidOption = kid === undefined ? {} : { kid };
  const signer: Signer =
    key === undefined
      ? { ...sharedSecret(secretFromEnv(await readInput(env ?? '')), secretAlgorithm(alg)), ...kidOption }
      : await importSigningKey(await readInput(key), { ...algorithmOption(alg), ...kidOption });
  return signCompact(signer, payload, header);
}

/** Makes a token that differs from a good one in one thing, as an issuer with this key would, or has an issuer make it. */
async function mintHostile(name: string, args: MintArguments): Promise<string> {
  const { issuer: url, key, iss, sub, aud, alg, kid, claims } = args;
  const taken = ['expires-in', 'template', 'payload', 'header'] as const;
  const other = taken.find((option) => args[option] !== undefined);
  if (other !== undefined) throw new UsageError(`--hostile decides that itself: leave --${other} out`);
  const hostile = hostileTokens.find((token) => token.name === name);
  if (!hostile) {
    const names = hostileTokens.map((token) => token.name);
    throw new UsageError(
      `${unknownName('hostile token', name, names)} (${documentation('hostile-tokens.md')} lists all)`,
    );
  }
  if (sub !== undefined && aud !== undefined && url !== undefined) return requestSigned(url, args);
  if (key === undefined || iss === undefined || sub === undefined || aud === undefined) {
    throw new UsageError(
      '--hostile needs --key, --iss, --sub and --aud, or --issuer, --sub and --aud: those of a token that gets in',
    );
  }
  const options = { ...algorithmOption(alg), kid };
  const issuer = await createIssuer(iss, { keys: [await importSigningKey(await readInput(key), options)] });
  return hostile.make(issuer, { ...(claims === undefined ? {} : await readJsonObject('claims', claims)), sub, aud });
}

/** What a token endpoint does not take, and `POST /sign` does. */
const signed = ['iss', 'expires-in', 'claims', 'template', 'payload', 'alg', 'kid', 'header'] as const;

/** Has an issuer mint one: its token endpoint where that can, else its `POST /sign`. */
function requestToken(issuer: string, args: MintArguments): Promise<string> {
  return signed.every((name) => args[name] === undefined) ? requestGrant(issuer, args) : requestSigned(issuer, args);
}

/** Any token, of claims that the issuer completes by its own clock. */
async function requestSigned(issuer: string, args: MintArguments): Promise<string> {
  const { alg, kid, header, hostile, 'expires-in': expiresIn } = args;
  const lifetime = expiresIn === undefined ? {} : { exp: `{{now + ${seconds('expires-in', expiresIn)}}}` };
  const asked =
    args.payload === undefined
      ? { claims: { ...(await claimsOf(args)), ...(await jsonOption('template', args.template)), ...lifetime } }
      : { payload: await payloadText(args.payload, args) };
  const json = {
    ...asked,
    ...(alg && { alg }),
    ...(kid && { kid }),
    ...(header && { header: await jsonOption('header', header) }),
    ...(hostile && { hostile }),
  };
  return post(issuer, 'sign', 'token', { json });
}

/** A grant for a client whose id is the sub (RFC 6749, section 4.4). */
async function requestGrant(issuer: string, args: MintArguments): Promise<string> {
  const { sub, aud } = args;
  if (sub === undefined) throw new UsageError('--issuer needs --sub');
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: sub, client_secret: 'none' });
  if (aud !== undefined) body.set('audience', aud);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return post(issuer, 'token', 'access_token', { text: body.toString(), headers });
}

/** The token that an issuer answers with, as a member of a JSON object. */
async function post(issuer: string, path: string, member: string, request: HttpRequest): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/${path}`;
  const { status, body } = await requestUrl('POST', url, request);
  const granted = Object(body) as Readonly<Record<string, unknown>>;
  const jwt = granted[member];
  if (typeof jwt === 'string') return jwt;
  const why = [granted['error'] ?? 'no token', granted['error_description']].filter((word) => typeof word === 'string');
  const shown = shownUrl(url);
  const message = `the issuer answered POST "${shown}" with ${status}: ${why.join(': ')}`;
  throw new VaultproofError('request_refused', message, { details: { method: 'POST', path: shown, status } });
}

async function payloadOf(args: ClaimArguments): Promise<object | string> {
  const { iss, 'expires-in': expiresIn, template, payload } = args;
  if (payload !== undefined) return payloadText(payload, args);
  const asked = await claimsOf(args);
  const now = Math.floor(Date.now() / 1000);
  const filled =
    template === undefined
      ? {}
      : fillClaimsTemplate(await readJsonObject('template', template), { claims: asked, issuer: iss ?? '', now });
  const given: Record<string, unknown> = { aud: null, iss: null, ...asked, ...filled };
  const from = typeof given['iat'] === 'number' ? given['iat'] : now;
  const lifetime = expiresIn === undefined ? {} : { exp: from + seconds('expires-in', expiresIn) };
  return completeClaims({ ...given, ...lifetime } as TokenClaims, { issuer: '', now });
}

function payloadText(payload: string, args: ClaimArguments): Promise<string> {
  const taken = ['sub', 'aud', 'iss', 'expires-in', 'claims', 'template'] as const;
  const other = taken.find((name) => args[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--payload is signed unchanged: leave --${other} out`);
  return readText(payload);
}

/** The claims of --claims, and of the options that win over them. */
async function claimsOf({ sub, aud, iss, claims }: ClaimArguments): Promise<Record<string, unknown>> {
  const named = Object.fromEntries(Object.entries({ sub, aud, iss }).filter(([, value]) => value !== undefined));
  return { ...(await jsonOption('claims', claims)), ...named };
}

async function jsonOption(option: string, value: string | undefined): Promise<Record<string, unknown>> {
  return value === undefined ? {} : readJsonObject(option, value);
}

function secretAlgorithm(alg: string | undefined): SecretAlgorithm | undefined {
  if (alg === undefined) return undefined;
  const known = secretAlgorithms.find((name) => name === alg);
  if (known) return known;
  throw new UsageError(`a shared secret can't sign with "${alg}", it can with ${secretAlgorithms.join(', ')}`);
}
