export { codeGroups, type ErrorCode, errorCodes } from './codes.js';
export { type ErrorContext, UsageError, VaultproofError } from './vaultproof-error.js';
