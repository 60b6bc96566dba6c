export { codeGroups, type ErrorCode, errorCodes } from './codes.js';
export { UsageError } from './usage-error.js';
export { type ErrorContext, VaultproofError } from './vaultproof-error.js';
