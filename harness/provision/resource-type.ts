import type { z } from 'zod';
import type { VaultBody, VaultRequestOptions } from '../api/vault-api.js';
import type { Capability, CapableServer } from '../api/vault-capabilities.js';
import { text, withoutSlashes } from './arguments.js';

/** Sends a request to a server's API as its root, without `/v1/` in the path. Only Vault is given options. */
export type ServerRequest = (
  method: string,
  path: string,
  json?: unknown,
  options?: VaultRequestOptions,
) => Promise<VaultBody>;

/** The servers that can be applied to: those whose resource types begin with their name. */
export interface Servers {
  readonly vault?: ServerRequest | undefined;
  readonly consul?: ServerRequest | undefined;
  /**
   * Tells what the Vault has, such as `env.vault`, so that what it lacks is refused before anything is written; default:
   * what it refuses shows when it is applied.
   */
  readonly capabilities?: CapableServer | undefined;
  /**
   * Throws for a request that Vault must not be sent, before anything is written; default: all may be. What depends on an answer
   * of Vault's is checked when it is sent.
   */
  readonly check?: ((method: string, path: string, json?: unknown) => void) | undefined;
}

/** Attributes that the server decides, by Terraform's names. */
export type Computed = Readonly<Record<string, unknown>>;

/** A resource as it was applied last. */
export interface Applied<Attributes> {
  readonly attributes: Attributes;
  readonly computed: Computed;
}

/** What resource types and data sources have in common. */
interface Declarable<Schema extends z.ZodObject, Attributes = z.output<Schema>> {
  /** The type's name in Terraform, which is also its file's. */
  readonly type: string;
  /** The arguments that are understood, by Terraform's names and with Terraform's defaults. */
  readonly schema: Schema;
  /** What must hold of the arguments taken together: each says what is wrong, by argument and without values. */
  readonly rules?: readonly ((attributes: Attributes) => readonly string[])[];
  /** The attributes that references may name besides the arguments. */
  readonly computed: readonly string[];
}

/** How one Terraform resource type is brought about by API calls, the same ones that its provider makes. */
export interface ResourceType<Schema extends z.ZodObject = z.ZodObject, Attributes = z.output<Schema>>
  extends Declarable<Schema, Attributes> {
  /** The arguments whose change means that it is removed and made again, as Terraform's "forces replacement". */
  readonly forceNew: readonly string[];
  /** The same where it takes more than one argument to tell. */
  readonly replaces?: (before: Attributes, after: Attributes) => boolean;
  /** Arguments that keep the value they had when they are no longer declared, as Terraform's "optional and computed". */
  readonly kept?: readonly string[];
  /** Arguments that are no reason to change anything: Terraform's "write-only", and what others decide. */
  readonly ignored?: (attributes: Attributes) => readonly string[];
  /** The path below which other resources are, which come and go with it: `auth/jwt`. */
  readonly mountPoint?: (attributes: Attributes) => string;
  /** Its own path, where it may be below a mount point. */
  readonly path?: (attributes: Attributes) => string;
  /** What it takes of the server that not every server has, of the arguments as they are declared. */
  readonly capabilities?: (declared: Readonly<Record<string, unknown>>) => readonly Capability[];
  /**
   * Finds what may be there of it after an answer was lost: by what the server calls it, or else as it was declared; with the
   * arguments that are sure, so that an update writes the others. Default: it is removed by its name, and made again.
   * @param maybe its computed attributes are empty where it may have been made
   * @param others the computed attributes of the others of this type
   */
  readonly find?: (
    request: ServerRequest,
    maybe: Applied<Attributes>,
    others: readonly Computed[],
  ) => Promise<Applied<Attributes> | undefined>;
  /** Makes it. Leaves nothing behind when it fails. */
  readonly create: (request: ServerRequest, attributes: Attributes) => Promise<Computed>;
  /** Changes what is there; returns the computed attributes that changed, too. */
  readonly update: (
    request: ServerRequest,
    attributes: Attributes,
    before: Applied<Attributes>,
  ) => Promise<Computed | undefined>;
  readonly remove: (request: ServerRequest, applied: Applied<Attributes>) => Promise<void>;
}

/** What is written to a path of its own, in the same way when it is made and when it is changed, and deleted there. */
export function writtenTo<Attributes>(
  path: (attributes: Attributes) => string,
  write: (request: ServerRequest, attributes: Attributes) => Promise<void>,
): Required<Pick<ResourceType<z.ZodObject, Attributes>, 'path' | 'create' | 'update' | 'remove'>> {
  return {
    path,
    create: async (request, attributes) => {
      await write(request, attributes);
      return { id: path(attributes) };
    },
    update: async (request, attributes) => {
      await write(request, attributes);
      return undefined;
    },
    remove: async (request, { attributes }) => {
      await request('DELETE', path(attributes));
    },
  };
}

/** A Terraform data source: what can be read without anything being made. */
export interface DataSource<Schema extends z.ZodObject = z.ZodObject, Attributes = z.output<Schema>>
  extends Declarable<Schema, Attributes> {
  readonly read: (request: ServerRequest, attributes: Attributes) => Promise<Computed>;
}

/** What every resource and data source of Vault's has: the namespace that it is in, without slashes at its ends. */
export const namespaceArgument = { namespace: text.overwrite(withoutSlashes).optional() } as const;

/** Keeps a resource type's schema for the checks of its functions, and adds the namespace to Vault's. */
export function resourceType<Schema extends z.ZodObject>(definition: ResourceType<Schema>): ResourceType {
  const type = inNamespaces(definition as unknown as ResourceType);
  return type.type.startsWith('vault_') ? { ...type, forceNew: [...type.forceNew, 'namespace'] } : type;
}

/** The same for a data source. */
export function dataSource<Schema extends z.ZodObject>(definition: DataSource<Schema>): DataSource {
  return inNamespaces(definition as unknown as DataSource);
}

function inNamespaces<Definition extends Declarable<z.ZodObject>>(definition: Definition): Definition {
  if (!definition.type.startsWith('vault_')) return definition;
  return { ...definition, schema: definition.schema.extend(namespaceArgument) };
}
