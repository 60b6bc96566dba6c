import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { WrongUse } from '../../errors/index.js';
import { makeTemporaryFolder } from '../guardian/index.js';

/** A stack's name and its Terraform JSON. */
export interface SynthesisedStack {
  readonly name: string;
  readonly json: unknown;
}

/**
 * Synthesises stacks as `cdktf synth` does, validations included, in a folder that is gone afterwards.
 * @param declare receives the App and makes stacks in it, at once or later
 * @throws WrongUse when it made none
 */
export async function synthesise(declare: (app: App) => unknown): Promise<SynthesisedStack[]> {
  // A peer dependency that takes 200 ms to load: only who applies a stack pays for it.
  const cdktf = await import('cdktf');
  const { path: outdir, removeNow } = await makeTemporaryFolder('synth');
  try {
    const app = new cdktf.App({ outdir });
    await declare(app);
    app.synth();
    const stacks = app.node.children.filter((child) => cdktf.TerraformStack.isStack(child));
    if (stacks.length === 0)
      throw new WrongUse('nothing was declared: create a stack in the app that is passed to the function');
    return stacks.map(({ node: { id } }) => ({
      name: id,
      json: JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8')) as unknown,
    }));
  } finally {
    // At once: applies that are called one after the other are done in that order.
    removeNow();
  }
}
