import type { TestContext } from 'vitest';
import type { Environment } from '../environment.js';

/** Annotates a test that has failed with what its servers, declarations and tokens say; does nothing for another. */
export async function annotateFailure(
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  environment: Environment,
): Promise<void> {
  const { result } = task;
  if (result?.state !== 'fail') return;
  const { failureReport } = await import('../failure-report.js');
  const report = await failureReport(environment);
  if (report === '') return;
  // Vitest takes annotations only while the test runs, and knows already that this one has failed.
  result.state = 'run';
  try {
    await annotate(report, 'vaultproof');
  } finally {
    result.state = 'fail';
  }
}
