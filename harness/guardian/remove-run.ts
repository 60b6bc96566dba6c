import { createRequire } from 'node:module';

/** Sends a request to a Vault and gives the answer's body; undefined where something is not there. */
export type RemovingRequest = (
  method: string,
  path: string,
  json?: unknown,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** Removes from a Vault that others use all that a run has made there. */
export async function removeRun(request: RemovingRequest, prefix: string): Promise<void> {
  // JavaScript, because the guardian runs it, too, when this process has died.
  const script = createRequire(import.meta.url)('./remove-run.cjs') as { removeRun: typeof removeRun };
  await script.removeRun(request, prefix);
}
