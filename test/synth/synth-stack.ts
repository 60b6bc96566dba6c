import type { App } from 'cdktf';
import { synthesise } from '../../harness/provision/synth.js';

/** The resources of a stack by type and name, without the comments that say where each stands. */
export type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** A stack's Terraform JSON. */
export interface StackJson {
  readonly resource: Resources;
  readonly output: Readonly<Record<string, unknown>>;
  readonly provider: Readonly<Record<string, unknown>>;
}

/** Synthesises the one stack that is declared, as `cdktf synth` does, without comments. */
export async function synthStack(declare: (app: App) => unknown): Promise<StackJson> {
  const [stack] = await synthesise(declare);
  const text = JSON.stringify(stack?.json, (name, value: unknown) => (name === '//' ? undefined : value));
  return JSON.parse(text) as StackJson;
}
