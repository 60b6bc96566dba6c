import { VaultproofError, WrongUse } from '../errors/index.js';
import { shownUrl } from '../internal/shown-url.js';
import { isLocalName, readKey, rotateKey } from '../issuer/index.js';
import { readAdminToken } from './admin-token.js';
import { report } from './key-generate.js';
import { algorithmOption, type KeyArguments } from './key-input.js';
import { note, print } from './output.js';
import { httpUrl, requestUrl } from './request-url.js';

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
  if (!isLocalName(httpUrl(url).hostname)) throw new WrongUse(`"${shownUrl(issuer)}" is not on this machine`);
  const asked = {
    ...algorithmOption(args.alg),
    ...(args.lead === undefined ? {} : { leadSeconds: seconds('lead', args.lead) }),
    ...(args.overlap === undefined ? {} : { overlapSeconds: seconds('overlap', args.overlap) }),
  };
  const token = await readAdminToken(tokenFile);
  // The header's own error would quote it.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new WrongUse('the admin token is empty, or more than one word');
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = await requestUrl('POST', url, { headers, json: asked });
  const key = Object(body) as Readonly<Record<string, unknown>>;
  if (status !== 201) {
    const reason = String(key['error_description'] ?? 'no reason given');
    const shown = shownUrl(url);
    const message = `the issuer answered POST "${shown}" with ${status}: ${reason}`;
    throw new VaultproofError('request_refused', message, { details: { method: 'POST', path: shown, status } });
  }
  if (args.json === true) return print(JSON.stringify(key));
  print(String(key['kid']));
  note(`the issuer has a new key for ${String(key['alg'])}, which is ${String(key['state'])}; above is its kid`);
}

function seconds(option: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new WrongUse(`--${option} must be a whole number of seconds, not "${value}"`);
}
