import { text } from 'node:stream/consumers';
import { WrongUse } from '../errors/index.js';
import { type SigningAlgorithm, signingAlgorithms } from '../issuer/index.js';
import { readNamed } from './files.js';
import { unknownName } from './suggest.js';

/**
 * The text of a file, or of standard input for `-`.
 * @throws TypeError when the file can't be read
 */
export async function readInput(path: string): Promise<string> {
  return path === '-' ? text(process.stdin) : readNamed(path);
}

/** An option's own text, or the file's that it names after an @. */
export function readText(value: string): Promise<string> {
  return value.startsWith('@') ? readInput(value.slice(1)) : Promise.resolve(value);
}

/**
 * The members of a JSON object that an option carries or names.
 * @throws TypeError for anything else, without its text
 */
export async function readJsonObject(option: string, value: string): Promise<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readText(value));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  throw new WrongUse(`--${option} must be a JSON object, or @ and the name of a file that holds one`);
}

/** What an option says of the algorithm of a key pair, for an object that is spread. */
export function algorithmOption(alg: string | undefined): { readonly alg?: SigningAlgorithm } {
  if (alg === undefined) return {};
  const known = signingAlgorithms.find((name) => name === alg);
  if (known) return { alg: known };
  throw new WrongUse(unknownName('algorithm', alg, signingAlgorithms));
}
