import { isRecord } from '../../internal/json.js';
import { type PolicyRule, parsePolicy } from '../lint/index.js';
import { nameInRun, pathInRun, shared } from './run-paths.js';

/** A comment, a path of a policy with what is before it, a text of lines, or any other string. */
const HCL =
  /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|((?<![\w.-])(?:path|"path")\s*)"((?:[^"\\\n]|\\.)*)"|"(?:[^"\\\n]|\\.)*"/g;
const READS = ['read', 'list', 'deny'];
const GROUP_NAMES = 'identity.groups.names.';

/**
 * A policy whose paths are those of a run; all else of it stays as it is written.
 * @param refuse is called with why it can't be, and throws
 */
export function policyInRun(prefix: string, policy: string, refuse: (why: string) => never): string {
  const rules = rulesOf(policy) ?? refuse("the policy can't be read");
  const reads = new Map(
    rules.map(({ path, capabilities }) => [path, capabilities.every((one) => READS.includes(one))]),
  );
  const mapped = (path: string): string => {
    if (/\{\{\s*identity\.(?:entity\.name|groups\.ids\.[^}]*\.name)\s*\}\}/.test(path)) {
      refuse(`the policy path "${path}" has the name of an entity or a group, which differs in a run`);
    }
    const bare = path.replace(/^\//, '');
    const named = bare.replaceAll(GROUP_NAMES, `${GROUP_NAMES}${nameInRun(prefix, '')}`);
    return pathInRun(prefix, named, reads.get(bare) === true) ?? refuse(`the policy path ${shared(path)}`);
  };
  const written = /^\s*\{/.test(policy) ? jsonInRun(policy, mapped) : hclInRun(policy, mapped);
  // What was overlooked, as a path that is written in an unusual way, would be outside of the run.
  const expected = rules.map(({ path }) => mapped(path));
  const found = rulesOf(written)?.map(({ path }) => path) ?? [];
  if (expected.join('\n') !== found.join('\n')) refuse('the paths of the policy are written in an unusual way');
  return written;
}

function rulesOf(policy: string): readonly PolicyRule[] | undefined {
  for (const product of ['vault', 'openbao'] as const) {
    try {
      return parsePolicy(policy, product);
    } catch {}
  }
  return undefined;
}

function hclInRun(policy: string, mapped: (path: string) => string): string {
  return policy.replaceAll(HCL, (whole, before?: string, path?: string) =>
    before === undefined || path === undefined ? whole : `${before}"${mapped(path)}"`,
  );
}

function jsonInRun(policy: string, mapped: (path: string) => string): string {
  const document: unknown = JSON.parse(policy);
  const paths = isRecord(document) ? document['path'] : undefined;
  const renamed = (rules: unknown): unknown =>
    isRecord(rules) ? Object.fromEntries(Object.entries(rules).map(([path, rule]) => [mapped(path), rule])) : rules;
  const changed = Array.isArray(paths) ? paths.map(renamed) : renamed(paths);
  return JSON.stringify({ ...(document as object), path: changed });
}
