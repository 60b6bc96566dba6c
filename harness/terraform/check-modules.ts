import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { memberNames } from '../../internal/member-names.js';
import { configurationRoot } from '../terraform-json/document.js';
import { configuresProvider, type ReachRules, reachedBy, reachedByNative, refuseReach } from './check-reach.js';

/** What a file of a module does that is not left to modules. */
interface Found {
  readonly reached: readonly string[];
  readonly configuresProvider: boolean;
}

/**
 * Refuses modules that bring a provider's configuration with them, since it would say which server is written to, and
 * modules that reach something else. They are here, and nothing of them has run.
 * @param folder where `init` was run
 * @throws VaultproofError `unsupported_provider`, `reaches_elsewhere`, and `declaration_invalid` for JSON that can't be read
 * as Terraform reads it
 */
export async function checkModules(folder: string, rules: ReachRules): Promise<void> {
  const text = await readFile(join(folder, '.terraform', 'modules', 'modules.json'), 'utf8').catch(() => '{}');
  const { Modules: modules = [] } = JSON.parse(text) as { Modules?: readonly { Key: string; Dir: string }[] };
  for (const { Key: name, Dir: place } of modules.filter(({ Key }) => Key !== '')) {
    const files = (await readdir(resolve(folder, place))).filter((file) => /\.(?:tf|tofu)(?:\.json)?$/.test(file));
    for (const file of files) {
      const source = await readFile(resolve(folder, place, file), 'utf8');
      const found = file.endsWith('.json') ? inJson(source, name, file, rules) : inNative(source, rules);
      if (found.configuresProvider) {
        throw new VaultproofError(
          'unsupported_provider',
          `nothing was applied, because the module "${name}" configures a provider itself: configure it in the stack`,
          { details: { module: name } },
        );
      }
      refuseReach(found.reached, name);
    }
  }
}

function inNative(source: string, rules: ReachRules): Found {
  return { reached: reachedByNative(source, rules), configuresProvider: configuresProvider(source) };
}

function inJson(source: string, module: string, file: string, rules: ReachRules): Found {
  const refuse = (reason: string): never => {
    throw new VaultproofError('declaration_invalid', `the module "${module}" is not valid: "${file}" ${reason}`, {
      details: { module, file },
    });
  };
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch {
    refuse('is not JSON, correct it');
  }
  // Terraform takes both; we would see the last.
  const { repeated } = memberNames(source);
  if (repeated !== undefined) refuse(`has "${repeated}" twice in one object: write it once`);
  const root = configurationRoot(json);
  return { reached: reachedBy(root, rules), configuresProvider: root['provider'] !== undefined };
}
