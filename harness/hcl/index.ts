export type { PassedOverTerraform } from './document.js';
export type { ReadOptions, UnappliedRoot } from './read-terraform.js';
export { calledFolders, evaluateUnapplied, ignoring, loadUnapplied, readUnapplied } from './read-terraform.js';
export { declaredTypes, type RootModule, readRootModules } from './root-module.js';
export { readSource, type SourceDocument, variablesFromText } from './source.js';
