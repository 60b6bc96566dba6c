import type { z } from 'zod';
import type { VaultBody } from '../api/vault-api.js';

/** Sends a request to the server's API as its root, without `/v1/` in the path. */
export type ServerRequest = (method: string, path: string, json?: unknown) => Promise<VaultBody>;

/** How one Terraform resource type is brought about by API calls, the same ones that its provider makes. */
export interface ResourceType<Schema extends z.ZodObject = z.ZodObject> {
  /** The type's name in Terraform, which is also its file's. */
  readonly type: string;
  /** The arguments that are understood, by Terraform's names and with Terraform's defaults. */
  readonly schema: Schema;
  /** The attributes that references may name besides the arguments. */
  readonly computed: readonly string[];
  /** What it is on the server, such as `auth/jwt`: when it changes, the resource is replaced. */
  readonly identity: (attributes: z.output<Schema>) => string;
  /** Makes it, and returns the computed attributes. Leaves nothing behind when it fails. */
  readonly create: (request: ServerRequest, attributes: z.output<Schema>) => Promise<Readonly<Record<string, unknown>>>;
  /** Changes what is there. */
  readonly update: (request: ServerRequest, attributes: z.output<Schema>) => Promise<void>;
  readonly remove: (request: ServerRequest, attributes: z.output<Schema>) => Promise<void>;
}

/** Keeps a resource type's schema for the checks of its functions. */
export function resourceType<Schema extends z.ZodObject>(definition: ResourceType<Schema>): ResourceType {
  return definition as unknown as ResourceType;
}
