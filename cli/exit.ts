import { codeGroups, type ErrorCode, VaultproofError } from '../errors/index.js';

/** What the process ends with. */
export const exitCodes = {
  done: 0,
  proofFailed: 1,
  wrongUse: 2,
  noEnvironment: 3,
  interrupted: 130,
  closedPipe: 141,
} as const;

const environmentCodes: readonly ErrorCode[] = [
  ...codeGroups.executable,
  ...codeGroups.server,
  ...codeGroups.terraform,
  ...codeGroups.file,
  'impersonation_unsupported',
  'request_failed',
  'certificate_untrusted',
  'vault_sealed',
  'vault_standby',
  'no_leader',
];

const unreadableCodes: readonly ErrorCode[] = [
  'not_terraform_json',
  'vendor_url_invalid',
  'vendor_host_taken',
  ...codeGroups.configuration,
];

/**
 * 3 when a server or terraform could not be had or does not answer, 2 for a file or a URL that is not what it was named for,
 * 1 for anything else.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof VaultproofError) {
    if (unreadableCodes.includes(error.code)) return exitCodes.wrongUse;
    return environmentCodes.includes(error.code) ? exitCodes.noEnvironment : exitCodes.proofFailed;
  }
  return exitCodes.proofFailed;
}
