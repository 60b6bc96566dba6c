import { explicitFinding, type Finding, lookAround } from './find.js';
import type { Product } from './products.js';
import { type ExecutableOptions, settingsFor } from './settings.js';
import { buildSource, quickSources } from './sources.js';

/** What a source had to offer, and its name; see {@link Finding}. */
export type SurveyedSource = Omit<Finding, 'source'> & { readonly source: string };

/**
 * Every source of an executable in the order in which they are asked, PATH once for each candidate: what
 * `vaultproof doctor` shows. An explicit path that is `unusable` is an error where a server is started. Nothing is
 * downloaded or built.
 *
 * @throws TypeError for malformed options
 */
export async function surveyExecutables(
  product: Product,
  options?: ExecutableOptions,
): Promise<readonly SurveyedSource[]> {
  const settings = settingsFor(product, options);
  const findings: SurveyedSource[] = [await explicitFinding(settings)];
  for await (const finding of lookAround(settings)) findings.push(finding);
  const sources = [...quickSources(settings), ...(product === 'openbao' ? [] : [buildSource(settings)])];
  const looks = sources.map(async ({ name, look }) => {
    const { status, detail } = await look();
    return { source: name, status, detail };
  });
  return [...findings, ...(await Promise.all(looks))];
}
