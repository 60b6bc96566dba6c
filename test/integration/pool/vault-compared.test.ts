import { startVault } from 'vaultproof';
import { expect, test } from 'vitest';
import { comparedInVault } from '../../../harness/pool/vault-compared.js';
import { isRecord } from '../../../internal/json.js';

/** What a pool does not read, and why. */
const NOT_READ: Readonly<Record<string, readonly RegExp[]>> = {
  'a constant of the build, of its configuration or of the host': [
    /^sys\/(activation-flags|config\/state\/sanitized|experiments|ha-status|host-info|init|leader|license\/status)$/,
    /^sys\/(internal\/specs\/openapi|internal\/ui\/(feature-flags|resultant-acl)|version-history|well-known)$/,
    /^identity\/oidc\/\.well-known\/openid-configuration$/,
  ],
  'a counter, or what goes on at this moment': [
    /^sys\/internal\/counters\/(?!config)/,
    /^sys\/(health|in-flight-req|internal\/inspect\/request|metrics|monitor|pprof|plugins\/reload\/backend\/status)/,
  ],
  'shown by another path, which is read': [
    /^auth\/token\/lookup/,
    /^identity\/((alias|entity-alias|group-alias|persona)\/id|(entity|group)\/name|mfa\/method\/\w+)$/,
    /^sys\/(generate-root|internal\/ui\/(mounts|namespaces)|leases|leases\/count|policies\/detailed\/acl|policy)$/,
    /^sys\/(rekey\/(backup|recovery-key-backup)|rotate\/(keyring\/config|root\/backup|recovery\/\w+)|wrapping\/lookup)$/,
  ],
  'in enterprise editions alone': [
    /^sys\/(config\/control-group|internal\/ui\/(un)?authenticated-messages|mfa\/method|policies\/[er]gp)$/,
    /^sys\/(quotas\/lease-count|replication\/.*|sealwrap\/rewrap|storage\/raft\/.*)$/,
  ],
  'only where the configuration lets it': [/^sys\/raw$/],
};

test('a pool reads all that a server without mounts can show, or has a reason not to', async () => {
  await using vault = await startVault();
  const { paths } = await vault.request('GET', 'sys/internal/specs/openapi');
  const readable = Object.entries(paths as object)
    .filter(([path, operations]) => !path.includes('{') && isRecord(operations) && 'get' in operations)
    .map(([path]) => path.replace(/^\/|\/$/g, ''));
  const read = new Set([...comparedInVault.keys()].map((path) => path.replace(/\/?(\?list=true)?$/, '')));
  const reasons = Object.values(NOT_READ).flat();
  expect(readable.length).toBeGreaterThan(50);
  expect(readable.filter((path) => !read.has(path) && !reasons.some((reason) => reason.test(path)))).toEqual([]);
});
