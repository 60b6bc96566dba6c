import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { makeTemporaryFolder } from '../guardian/index.js';

/** What the tests run with. */
const TESTED_CDKTF = 'cdktf@0.21.0 constructs@10.7.2';

/** A stack's name and its Terraform JSON. */
export interface SynthesisedStack {
  readonly name: string;
  readonly json: unknown;
}

/**
 * Synthesises stacks as `cdktf synth` does, validations included, in a folder that is gone afterwards.
 * @param declare receives the App and makes stacks in it, at once or later
 * @throws UsageError when it made none
 * @throws VaultproofError `cdktf_not_found` where neither cdktf nor cdktn is installed
 */
export function synthesise(declare: (app: App) => unknown): Promise<SynthesisedStack[]> {
  return synthesiseInto(declare, (stacks) => stacks);
}

/**
 * The same, and does something with the folder before it is gone.
 * @param use receives the stacks and the folder, which is laid out as a `cdktf.out`
 */
export async function synthesiseInto<Result>(
  declare: (app: App) => unknown,
  use: (stacks: SynthesisedStack[], outdir: string) => Result | Promise<Result>,
): Promise<Result> {
  const cdktf = await loadCdktf();
  const { path: outdir, removeNow } = await makeTemporaryFolder('synth');
  try {
    const app = new cdktf.App({ outdir });
    await declare(app);
    app.synth();
    const stacks = app.node.children.filter((child) => cdktf.TerraformStack.isStack(child));
    if (stacks.length === 0)
      throw new UsageError('nothing was declared: create a stack in the app that is passed to the function');
    const synthesised = stacks.map(({ node: { id } }) => ({
      name: id,
      json: JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8')) as unknown,
    }));
    return await use(synthesised, outdir);
  } finally {
    // At once: applies that are called one after the other are done in that order.
    removeNow();
  }
}

/** The project's cdktf, else its fork cdktn, which has the same API and knows cdktf's constructs. Either loads in 200 ms. */
async function loadCdktf(): Promise<typeof import('cdktf')> {
  for (const name of ['cdktf', 'cdktn']) {
    try {
      return (await import(name)) as typeof import('cdktf');
    } catch (error) {
      if (!isMissing(name, error)) throw error;
    }
  }
  throw new VaultproofError(
    'cdktf_not_found',
    `a stack can't be synthesised because neither "cdktf" nor "cdktn" is installed: npm install --save-dev ${TESTED_CDKTF}`,
  );
}

function isMissing(name: string, error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}
