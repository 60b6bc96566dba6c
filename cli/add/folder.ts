import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { VaultproofError } from '../../errors/index.js';

/**
 * Refuses a folder that a symbolic link leads out of its project: the project's package.json and compiler would not
 * count there. A link that stays inside is followed, as the caller intended.
 * @param folder need not exist yet
 * @throws VaultproofError `outside_folder`
 */
export function refuseWayOut(folder: string, projectRoot: string): void {
  const leadsTo = whereItLeads(folder);
  const [way = ''] = relative(realpathSync(projectRoot), leadsTo ?? '').split(sep);
  if (leadsTo !== undefined && way !== '..') return;
  const where = leadsTo === undefined ? 'nowhere' : `to "${leadsTo}", out of the project "${projectRoot}"`;
  throw new VaultproofError(
    'outside_folder',
    `"${folder}" leads ${where} by a symbolic link, nothing was written: name the folder that you mean`,
    { details: { folder, leadsTo } },
  );
}

/** A path without links, of which the end need not exist; undefined where a link's target does not. */
function whereItLeads(path: string): string | undefined {
  if (existsSync(path)) return realpathSync(path);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined || dirname(path) === path) return undefined;
  const above = whereItLeads(dirname(path));
  return above === undefined ? undefined : join(above, path.slice(dirname(path).length));
}
