import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { shownUrl } from '../../internal/redaction.js';
import { isLocalName } from '../../issuer/endpoints/index.js';
import { readKey, rotateKey } from '../../issuer/keys/index.js';
import { seconds } from '../arguments.js';
import { readAdminToken } from '../files.js';
import { note, print } from '../output.js';
import { httpUrl, requestUrl } from '../request-url.js';
import { algorithmOption, report } from './generate.js';

/** `vaultproof key rotate`: a new key in the place of one in a folder, or of the one that an issuer signs with. */
export const rotate = defineCommand({
  meta: {
    name: 'rotate',
    description: 'Replace a key in a folder, or the one that a running issuer signs with',
    examples: [
      'key rotate --keys keys --id alice',
      'key rotate --issuer http://127.0.0.1:8080 --admin-token-file admin.token --overlap 600',
    ],
    groups: { 'In a folder': ['keys', 'id'], 'At an issuer': ['issuer', 'admin-token-file', 'lead', 'overlap'] },
  },
  args: {
    alg: { type: 'string', valueHint: 'ALG', description: 'Of the new key; default: that of the old one' },
    json: { type: 'boolean', description: 'Print one JSON object' },
    keys: { type: 'string', valueHint: 'DIR', description: 'The folder, with ID and ID.pem for each key' },
    id: { type: 'string', valueHint: 'ID', description: 'Which key of the folder' },
    issuer: { type: 'string', valueHint: 'URL', description: 'The issuer, running with its admin API open' },
    'admin-token-file': { type: 'string', valueHint: 'FILE', description: 'Its admin token; - for standard input' },
    lead: { type: 'string', valueHint: 'SECONDS', description: 'How long it is published before it signs; default: 0' },
    overlap: { type: 'string', valueHint: 'SECONDS', description: 'How long the old key still verifies; default: 300' },
  },
  run: ({ args }) => rotateAnywhere(args),
});

/** The options of `key rotate`. */
interface RotateArguments {
  readonly alg?: string | undefined;
  readonly keys?: string | undefined;
  readonly id?: string | undefined;
  readonly issuer?: string | undefined;
  readonly 'admin-token-file'?: string | undefined;
  readonly lead?: string | undefined;
  readonly overlap?: string | undefined;
  readonly json?: boolean | undefined;
}

async function rotateAnywhere(args: RotateArguments): Promise<void> {
  const { issuer, keys, id, lead, overlap } = args;
  const tokenFile = args['admin-token-file'];
  if (issuer === undefined) {
    if (keys === undefined || id === undefined) throw new UsageError('give --keys and --id, or --issuer');
    const other = Object.entries({ 'admin-token-file': tokenFile, lead, overlap }).find(
      ([, value]) => value !== undefined,
    );
    if (other) throw new UsageError(`--${other[0]} goes with --issuer`);
    return rotateInFolder(keys, id, args);
  }
  if (keys !== undefined || id !== undefined) throw new UsageError('give --issuer, or --keys and --id');
  if (tokenFile === undefined) throw new UsageError('--issuer needs --admin-token-file');
  await rotateAtIssuer(issuer, tokenFile, args);
}

/** The public half of the key from before is kept. */
async function rotateInFolder(keys: string, id: string, { alg, json }: RotateArguments): Promise<void> {
  const key = await rotateKey(keys, id, algorithmOption(alg));
  const { replaced } = await readKey(keys, id, { warn: note });
  report(key, { id, folder: keys, replaced: replaced.map(({ kid }) => kid) }, json);
}

/** Over the admin API of an issuer that runs; the token goes to this machine alone. */
async function rotateAtIssuer(issuer: string, tokenFile: string, args: RotateArguments): Promise<void> {
  const url = `${issuer.replace(/\/$/, '')}/admin/rotate`;
  if (!isLocalName(httpUrl(url).hostname)) throw new UsageError(`"${shownUrl(issuer)}" is not on this machine`);
  const asked = {
    ...algorithmOption(args.alg),
    ...(args.lead === undefined ? {} : { leadSeconds: seconds('lead', args.lead) }),
    ...(args.overlap === undefined ? {} : { overlapSeconds: seconds('overlap', args.overlap) }),
  };
  const token = await readAdminToken(tokenFile);
  // The header's own error would quote it.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('the admin token is empty, or more than one word');
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
