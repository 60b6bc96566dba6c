export type { PassedOverTerraform } from './evaluation-context.js';
export { ignoring } from './ignoring.js';
export type { ReadOptions, UnappliedRoot } from './read-terraform.js';
export { calledFolders, evaluateUnapplied, loadUnapplied, readUnapplied } from './read-terraform.js';
export { declaredTypes, type RootModule, readRootModules } from './root-module.js';
export { readSource, type SourceDocument, variablesFromText } from './source.js';
