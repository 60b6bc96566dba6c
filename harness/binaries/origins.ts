import { moduleFolder } from './go/module-folder.js';
import type { ReleaseTrust } from './release/download-release.js';
import { hashicorpKey } from './release/hashicorp-key.js';
import { defaultTimeouts } from './release/http-client.js';
import type { Product } from './versions.js';

/** What new executables are made from. Only tests use others than {@link vendorOrigins}. */
export interface Origins extends ReleaseTrust {
  /** Path of the folder with a product's go.mod and go.sum. */
  readonly moduleFolder: (product: Product) => string;
  /** Milliseconds between two progress lines of a build; 5,000 by default. */
  readonly progressMs?: number;
}

/** HashiCorp's releases, signed with its key, and the go.mod files of this folder. */
export const vendorOrigins: Origins = { trustedKey: hashicorpKey, timeouts: defaultTimeouts, moduleFolder };
