import { VaultproofError, WrongUse } from '../errors/index.js';
import { isLocalName, readKey, rotateKey } from '../issuer/index.js';
import { readAdminToken } from './admin-token.js';
import { report } from './key-generate.js';
import { algorithmOption, type KeyArguments } from './key-input.js';
import { note, print } from './output.js';

const TIMEOUT_MS = 10_000;

/** `key rotate`: a new key in the place of one in a folder, or of the one that an issuer signs with. */
export async function rotate(args: KeyArguments): Promise<void> {
  const { issuer, keys, id, lead, overlap } = args;
  const tokenFile = args['admin-token-file'];
  if (issuer === undefined) {
    if (keys === undefined || id === undefined) throw new WrongUse('give --keys and --id, or --issuer');
    const other = Object.entries({ 'admin-token-file': tokenFile, lead, overlap }).find(
      ([, value]) => value !== undefined,
    );
    if (other) throw new WrongUse(`--${other[0]} goes with --issuer`);
    return rotateInFolder(keys, id, args);
  }
  if (keys !== undefined || id !== undefined) throw new WrongUse('give --issuer, or --keys and --id');
  if (tokenFile === undefined) throw new WrongUse('--issuer needs --admin-token-file');
  await rotateAtIssuer(issuer, tokenFile, args);
}

/** The public half of the key from before is kept. */
async function rotateInFolder(keys: string, id: string, { alg, json }: KeyArguments): Promise<void> {
  const key = await rotateKey(keys, id, algorithmOption(alg));
  const { replaced } = await readKey(keys, id, { warn: note });
  report(key, { id, folder: keys, replaced: replaced.map(({ kid }) => kid) }, json);
}

/** Over the admin API of an issuer that runs; the token goes to this machine alone. */
async function rotateAtIssuer(issuer: string, tokenFile: string, args: KeyArguments): Promise<void> {
  const url = `${issuer.replace(/\/$/, '')}/admin/rotate`;
  if (!URL.canParse(url)) throw new WrongUse(`"${issuer}" is not a URL, such as "http://127.0.0.1:8080"`);
  if (!isLocalName(new URL(url).hostname)) throw new WrongUse(`"${issuer}" is not on this machine`);
  const body = {
    ...algorithmOption(args.alg),
    ...(args.lead === undefined ? {} : { leadSeconds: seconds('lead', args.lead) }),
    ...(args.overlap === undefined ? {} : { overlapSeconds: seconds('overlap', args.overlap) }),
  };
  const token = await readAdminToken(tokenFile);
  // The header's own error would quote it.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new WrongUse('the admin token is empty, or more than one word');
  const answer = await fetch(url, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new VaultproofError('request_failed', `no answer from "${url}"`, { details: { address: url }, cause });
  });
  const key = (await answer.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  const { status } = answer;
  if (status !== 201) {
    const reason = String(key['error_description'] ?? 'no reason given');
    const message = `the issuer answered POST "${url}" with ${status}: ${reason}`;
    throw new VaultproofError('request_refused', message, { details: { method: 'POST', path: url, status } });
  }
  if (args.json === true) return print(JSON.stringify(key));
  print(String(key['kid']));
  note(`the issuer has a new key for ${String(key['alg'])}, which is ${String(key['state'])}; above is its kid`);
}

function seconds(option: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new WrongUse(`--${option} must be a whole number of seconds, not "${value}"`);
}
