export { codeGroups, type ErrorCode, errorCodes } from './codes.js';
export { type ErrorContext, VaultproofError } from './vaultproof-error.js';
export { WrongUse } from './wrong-use.js';
