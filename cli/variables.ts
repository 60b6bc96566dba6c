import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../errors/index.js';
import { note } from './output.js';

/** The options that give values to the variables of HCL. */
export const variableArgs = {
  var: {
    type: 'string',
    valueHint: 'NAME=VALUE',
    description: "A value of a variable of HCL, written as for terraform's -var; may be given again",
  },
  'var-file': {
    type: 'string',
    valueHint: 'FILE',
    description: 'A file of values, such as test.tfvars; may be given again',
  },
} as const;

/** The option that passes over what of HCL no login needs. */
export const ignoreArg = {
  type: 'string',
  valueHint: 'PATTERN',
  description: 'Types or addresses of HCL to pass over, with commas between them, such as vault_pki_*',
} as const;

/** The patterns of that option. */
export function givenPatterns(option: string | undefined): readonly string[] {
  return option?.split(',').map((pattern) => pattern.trim()) ?? [];
}

/** Says that patterns of that option match nothing, which may be a mistake in them. */
export function sayUnmatched(patterns: readonly string[]): void {
  for (const pattern of patterns) note(`--ignore "${pattern}" matches nothing: correct it, or leave it out`);
}

/** Of what several folders each have, what all of them have. */
export function inAll([first = [], ...others]: readonly (readonly string[])[]): readonly string[] {
  return first.filter((one) => others.every((other) => other.includes(one)));
}

/** The options that give values where an issuer runs. */
export const issuerVariableArgs = {
  ...variableArgs,
  var: {
    ...variableArgs.var,
    description: `${variableArgs.var.description}. JWKS_URL, ISSUER_URL and BOUND_ISSUER as values are those of the issuer here`,
  },
} as const;

/** The option that has the issuer answer for vendors. */
export const impersonateArg = {
  type: 'string',
  valueHint: 'URL',
  description: 'Answer for vendors at their own URLs, with commas between them; servers reach no other host',
} as const;

/** The URLs of that option. */
export function givenUrls(option: string | undefined): readonly string[] | undefined {
  return option?.split(',').map((url) => url.trim());
}

/** What the options say. */
export interface GivenVariables {
  /** Values by name, as they were written. */
  readonly texts: Readonly<Record<string, string>>;
  /** Absolute paths. */
  readonly files: readonly string[];
}

/**
 * Reads all of the options from the command line; citty keeps the last of several of one name.
 * @throws UsageError for a value without a name, and for a file that does not exist
 */
export function givenVariables(rawArgs: readonly string[]): GivenVariables {
  const { values } = parseArgs({
    args: [...rawArgs],
    options: { var: { type: 'string', multiple: true }, 'var-file': { type: 'string', multiple: true } },
    strict: false,
  });
  const texts = (values.var ?? []).map((option) => {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(String(option)) ?? [];
    if (name === undefined) throw new UsageError(`--var "${option}" has no value: write --var NAME=VALUE`);
    return [name, value] as const;
  });
  return {
    texts: Object.fromEntries(texts),
    files: (values['var-file'] ?? []).map((file) => existingFile(String(file))),
  };
}

function existingFile(file: string): string {
  if (!existsSync(file)) throw new UsageError(`--var-file "${file}" does not exist: correct its path`);
  return resolve(file);
}
