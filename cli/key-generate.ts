import { writeFile } from 'node:fs/promises';
import { VaultproofError, WrongUse } from '../errors/index.js';
import { generateSigningKey, privateJwk, privatePem, type SigningKey, writeKey } from '../issuer/index.js';
import { algorithmOption, type KeyArguments } from './key-input.js';
import { mask, note, print } from './output.js';

/** `key generate`: a new private key on standard output, in a file, or in a folder. */
export async function generateKey({ alg, kid, out, keys, id, format = 'pem', json }: KeyArguments): Promise<void> {
  if (format !== 'pem' && format !== 'jwk') throw new WrongUse(`unknown format "${format}", there are pem and jwk`);
  if (out !== undefined && keys !== undefined) throw new WrongUse('give --out or --keys, not both');
  if ((keys === undefined) !== (id === undefined)) throw new WrongUse('--keys and --id belong together');
  if (keys !== undefined && (format === 'jwk' || kid !== undefined)) {
    throw new WrongUse('a folder holds PEM, which has no kid: leave --format and --kid out');
  }
  if (kid !== undefined && format === 'pem' && out === undefined && json !== true) {
    throw new WrongUse('a PEM has no kid: add --format jwk');
  }
  const key = await generateSigningKey(algorithmOption(alg).alg, kid === undefined ? {} : { kid });
  if (keys !== undefined && id !== undefined) {
    await writeKey(keys, id, key);
    return report(key, { id, folder: keys }, json);
  }
  const text = format === 'jwk' || (json === true && out === undefined) ? `${await jwkLine(key)}\n` : privatePem(key);
  if (out === undefined) return printSecret(text);
  await writeNew(out, text);
  report(key, { path: out }, json);
}

/** Prints a secret of one or more lines, each of them masked for the logs of a CI system. */
export function printSecret(text: string): void {
  const lines = text.trimEnd().split('\n');
  for (const line of lines) if (!line.startsWith('-----')) mask(line);
  for (const line of lines) print(line);
}

/** A private key as a JWK on one line. */
export async function jwkLine(key: SigningKey): Promise<string> {
  return JSON.stringify(await privateJwk(key));
}

/** Says which key was made, and where it is. */
export function report(
  { kid, alg }: SigningKey,
  where: Readonly<Record<string, unknown>>,
  json: boolean | undefined,
): void {
  if (json === true) {
    print(JSON.stringify({ kid, alg, ...where }));
    return;
  }
  print(kid);
  const [place] = [where['path'] ?? `${String(where['folder'])}/${String(where['id'])}`];
  note(`wrote a key for ${alg} to ${String(place)}; above is its kid`);
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new WrongUse(`"${path}" can't be written: ${code}`);
    throw new VaultproofError('key_exists', `"${path}" is there already: take another name, or remove it first`, {
      details: { path },
    });
  }
}
