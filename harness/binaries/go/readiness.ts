import type { Settings } from '../settings.js';
import { defaultVersions } from '../versions.js';
import { requiredGo } from './module-folder.js';
import { findToolchain, type Toolchain } from './toolchain.js';

/**
 * Whether the wanted version can be built here: only the default one has a go.mod, and Go must be new enough for it.
 */
export async function goReadiness({ product, version, signal }: Settings, folder: string): Promise<Toolchain> {
  if (version !== defaultVersions[product]) {
    const reason = `only ${product} ${defaultVersions[product]} can be built from Go modules, not ${version}`;
    return { status: 'unusable', reason };
  }
  return findToolchain(await requiredGo(folder), signal);
}
