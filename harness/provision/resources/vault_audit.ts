import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { Mutex } from '../../../internal/mutex.js';
import { flag, text, textMap } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  type: text,
  path: text.optional(),
  description: text.default(''),
  local: flag.default(false),
  options: textMap,
});

type Attributes = z.output<typeof schema>;

/** Vault refuses one of two devices that are enabled at the same time with "internal error". */
const enabling = new Mutex();

/** Where a `file` device may write on the server of a test. */
const WITHIN = ['discard', 'stdout'];
/** The options that say where a device writes. */
const DESTINATIONS = ['file_path', 'path', 'mode', 'address', 'socket_type', 'write_timeout', 'facility', 'tag'];

/**
 * Where a device writes whose declared destination is left alone. Vault takes each of them once; a third such device, which
 * would do nothing either, is not made.
 */
const NOWHERE = ['discard', '/dev/null'];

/**
 * An audit device that writes nothing outside of the server: whatever file, socket or syslog is declared, it is a `file`
 * device that discards what it is given.
 * @see https://developer.hashicorp.com/vault/api-docs/system/audit
 */
export const vaultAudit = resourceType({
  type: 'vault_audit',
  schema,
  computed: ['id', 'path'],
  forceNew: ['path', 'type', 'description', 'local', 'options'],
  kept: ['path'],
  create: async (request, attributes) => {
    const path = pathOf(attributes);
    return { id: path, path, is_made: await enabling.run(() => enable(request, path, attributes)) };
  },
  // Every argument forces replacement.
  update: async () => undefined,
  remove: async (request, { attributes, computed }) => {
    if (computed['is_made'] !== false) await request('DELETE', `sys/audit/${pathOf(attributes)}`);
  },
});

async function enable(request: ServerRequest, path: string, attributes: Attributes): Promise<boolean> {
  const { description, local } = attributes;
  const choices = isWithin(attributes) ? [attributes.options] : NOWHERE.map((file) => discarding(attributes, file));
  for (const options of choices) {
    try {
      await request('PUT', `sys/audit/${path}`, { type: 'file', description, local, options });
      return true;
    } catch (error) {
      const isTaken = error instanceof VaultproofError && /file_path already in use/.test(error.message);
      if (!isTaken || isWithin(attributes)) throw error;
    }
  }
  return false;
}

function isWithin({ type, options }: Attributes): boolean {
  return type === 'file' && WITHIN.includes(options['file_path'] ?? '');
}

function discarding({ options }: Attributes, file_path: string): Readonly<Record<string, string>> {
  const others = Object.entries(options).filter(([name]) => !DESTINATIONS.includes(name));
  return { ...Object.fromEntries(others), file_path };
}

function pathOf({ path, type }: Attributes): string {
  return path ?? type;
}
