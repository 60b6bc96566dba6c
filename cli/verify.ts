import { defineCommand } from 'citty';
import { decodeProtectedHeader, type JWK } from 'jose';
import { UsageError, VaultproofError } from '../errors/index.js';
import { AnswerTooLong } from '../internal/bounded-answer.js';
import { shownUrl } from '../internal/redaction.js';
import {
  algorithmsFor,
  type Expectations,
  secretAlgorithms,
  signingAlgorithms,
  type Verdict,
  verifyingKey,
  verifyToken,
} from '../issuer/index.js';
import { importPublicKey, importPublicKeys, keySetWarnings, secretBytes, secretFromEnv } from '../issuer/keys/index.js';
import { seconds, unknownName } from './arguments.js';
import { exitCodes } from './exit.js';
import { readInput } from './files.js';
import { note, print, printLines } from './output.js';
import { requestUrl } from './request-url.js';

/** What a token is verified with. */
type Keys = Pick<Expectations, 'algorithms' | 'keys'>;

/** `vaultproof verify`: a token held against keys. */
export const verify = defineCommand({
  meta: {
    name: 'verify',
    groups: {
      'Keys, one of': ['jwks', 'key', 'env'],
      'What the token must have': ['iss', 'aud', 'sub', 'alg', 'leeway'],
    },
  },
  args: {
    token: { type: 'positional', required: false, description: 'The token; default - for standard input' },
    jwks: { type: 'string', valueHint: 'URL|FILE', description: 'The key set to verify with' },
    key: {
      type: 'string',
      valueHint: 'FILE',
      description: 'The keys to verify with: PEM, certificates, a JWK or a key set',
    },
    env: { type: 'string', valueHint: 'FILE', description: 'A .env file whose KEY is the shared secret' },
    alg: {
      type: 'string',
      valueHint: 'ALG,...',
      description: 'The algorithms that may sign; default those of the keys, HS256 for a secret',
    },
    leeway: { type: 'string', valueHint: 'S', description: 'Seconds that a clock may be off; default 0' },
    iss: { type: 'string', alias: 'issuer', valueHint: 'URL', description: 'The iss that it must have' },
    aud: { type: 'string', alias: 'audience', valueHint: 'AUD', description: 'The aud that it must have' },
    sub: { type: 'string', alias: 'subject', valueHint: 'SUB', description: 'The sub that it must have' },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args }) => {
    const { iss: issuer, aud: audience, sub: subject } = args;
    const leewaySeconds = seconds('leeway', args.leeway ?? '0');
    const sources = [args.jwks, args.key, args.env].filter((source) => source !== undefined);
    if (sources.length !== 1) throw new UsageError('give one of --jwks, --key and --env');
    if (args._.length > 1) throw new UsageError('give one token');
    const from = args.token ?? '-';
    if (from === '-' && sources[0] === '-') throw new UsageError('standard input is the token or the key, not both');
    const jwt = from === '-' ? (await readInput('-')).trim() : from;
    const { algorithms, keys } = await keysOf(args, jwt);
    const verdict = await verifyToken(jwt, {
      algorithms: args.alg?.split(',').map(knownAlgorithm) ?? algorithms,
      keys,
      leewaySeconds,
      issuer,
      audience,
      subject,
    });
    report(verdict, args.json === true);
  },
});

function report(verdict: Verdict, json: boolean): void {
  process.exitCode = verdict.valid ? exitCodes.done : exitCodes.proofFailed;
  if (json) print(JSON.stringify(verdict));
  if (verdict.valid) {
    if (!json) printLines(JSON.stringify(verdict.claims, null, 2));
    note('the token holds');
    return;
  }
  const { code, reason, expected, found } = verdict;
  const sides = Object.entries({ expected, found }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${JSON.stringify(value)}`],
  );
  note(`${code}: ${reason}${sides.length > 0 ? ` (${sides.join(', ')})` : ''}`);
}

async function keysOf(
  {
    jwks,
    key,
    env,
  }: { readonly jwks?: string | undefined; readonly key?: string | undefined; readonly env?: string | undefined },
  jwt: string,
): Promise<Keys> {
  if (env !== undefined) {
    return { algorithms: ['HS256'], keys: { secret: secretBytes(secretFromEnv(await readInput(env))) } };
  }
  if (key !== undefined) return namedKeys(await readInput(key), jwt);
  const keys = await keySet(jwks ?? '');
  for (const warning of keySetWarnings(keys)) note(`warning: ${warning}`);
  const algorithms = [...new Set(keys.flatMap(algorithmsOf))];
  // Where no key says one, what is wrong is the keys, not the token's algorithm.
  return { algorithms: algorithms.length > 0 ? algorithms : signingAlgorithms, keys };
}

/** Who names the keys has chosen them: the token's kid has nothing to choose. */
async function namedKeys(text: string, jwt: string): Promise<Keys> {
  const { keys, passedOver } = importPublicKeys(text);
  for (const line of passedOver) note(line);
  const kid = kidOf(jwt);
  const jwks = await Promise.all(
    keys.map(async ({ publicKey }) => {
      const { alg: _alg, kid: _kid, ...jwk } = (await verifyingKey(publicKey)).publicJwk;
      return { ...jwk, ...(kid === undefined ? {} : { kid }) };
    }),
  );
  return { algorithms: [...new Set(keys.flatMap(({ publicKey }) => algorithmsFor(publicKey)))], keys: jwks };
}

function kidOf(jwt: string): string | undefined {
  try {
    return decodeProtectedHeader(jwt).kid;
  } catch {
    return undefined;
  }
}

async function keySet(from: string): Promise<readonly JWK[]> {
  const { keys } = Object(/^https?:\/\//i.test(from) ? await download(from) : parsed(from, await readInput(from))) as {
    readonly keys?: unknown;
  };
  if (!Array.isArray(keys)) throw unavailable(from, 'it has no list "keys"');
  return keys;
}

async function download(url: string): Promise<unknown> {
  const { status, body } = await requestUrl('GET', url).catch((error: unknown) => {
    if (error instanceof Error && error.cause instanceof AnswerTooLong) throw unavailable(url, error.cause.message);
    throw error;
  });
  if (status < 200 || status > 299) throw unavailable(url, `the status is ${status}`);
  return typeof body === 'string' ? parsed(url, body) : body;
}

function parsed(from: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unavailable(from, 'it is not JSON');
  }
}

function unavailable(from: string, reason: string): VaultproofError {
  return new VaultproofError('key_set_unavailable', `the key set "${shownUrl(from)}" can't be used: ${reason}`);
}

/** A key that nobody here can use counts for nothing (RFC 7517, section 5). */
function algorithmsOf(jwk: JWK): readonly string[] {
  try {
    const possible = algorithmsFor(importPublicKey(JSON.stringify(jwk)));
    return possible.filter((alg) => (jwk.alg ?? alg) === alg);
  } catch {
    return [];
  }
}

function knownAlgorithm(alg: string): string {
  const known: readonly string[] = [...signingAlgorithms, ...secretAlgorithms];
  if (known.includes(alg)) return alg;
  throw new UsageError(unknownName('algorithm', alg, known));
}
