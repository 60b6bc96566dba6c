import { type PolicyRule, PolicySyntaxError, parsePolicy, UNKNOWN, type VaultPolicyRule } from '../../lint/index.js';
import { filledIn, hasTemplate, hasTimeTemplate, type TemplateEntity } from './templates.js';

/** A Vault policy as it was read. */
export interface VaultPolicy {
  readonly name: string;
  readonly rules: readonly VaultPolicyRule[];
  /** What of it can't be decided, in words: a path that is not known, a template without an entity. */
  readonly undecided: readonly string[];
  /** Where it is that its undecided rules may hold; default not known. */
  readonly undecidedAt?: readonly UndecidedRule[] | undefined;
}

/** A rule that can't be decided. */
export interface UndecidedRule {
  /** What stands in `undecided`. */
  readonly undecided: string;
  /** A path that all paths match at which it may hold. */
  readonly within: string;
}

/** How a policy is read. */
export interface ReadPolicyOptions {
  /** Whose rules: default `vault`. OpenBao has `scan` for `subscribe` and `recover`, and rules that expire. */
  readonly product?: 'vault' | 'openbao' | undefined;
  /** Whom its templates are filled in for; without it, a rule with a template is undecided. */
  readonly entity?: TemplateEntity | undefined;
}

/**
 * Reads a policy of Vault in HCL or JSON, for {@link vaultAcl}. What is not known, such as a reference that Terraform puts in
 * later, is named in `undecided`, and so is a policy that the server refuses.
 * @param name `root` is the policy that may do anything, whatever its text is
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 * @example
 * readVaultPolicy('reader', 'path "kv/data/app/*" { capabilities = ["read"] }').rules[0].path; // kv/data/app/*
 */
export function readVaultPolicy(
  name: string,
  text: string,
  { product = 'vault', entity }: ReadPolicyOptions = {},
): VaultPolicy {
  try {
    return policyOfRules(name, parsePolicy(text, product), entity);
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    return { name, rules: [], undecided: [`policy "${name}" can't be read: ${error.message}`] };
  }
}

/** A policy of rules that were read, with its templates filled in. */
export function policyOfRules(name: string, read: readonly PolicyRule[], entity?: TemplateEntity): VaultPolicy {
  const rules: VaultPolicyRule[] = [];
  const undecidedAt: UndecidedRule[] = [];
  for (const rule of read) {
    const reason = whyUndecided(rule, entity);
    if (reason !== undefined) {
      const undecided = `policy "${name}", path "${shown(rule.path)}": ${reason}`;
      undecidedAt.push({ undecided, within: knownPartOf(rule.path) });
    } else {
      const path = entity === undefined ? rule.path : filledIn(rule.path, entity);
      // Vault leaves a rule out whose template stands for nothing.
      if (path !== undefined) rules.push({ ...rule, path });
    }
  }
  const undecided = undecidedAt.map((one) => one.undecided);
  return { name, rules, undecided, ...(undecidedAt.length > 0 && { undecidedAt }) };
}

/** A path up to what is not known of it, which may be anything. */
function knownPartOf(path: string): string {
  const [beginning = ''] = path.replaceAll(UNKNOWN, '{{').split('{{');
  return beginning === path ? path : `${beginning}*`;
}

function whyUndecided({ path, isKnown, expiration }: PolicyRule, entity: TemplateEntity | undefined) {
  if (path.includes(UNKNOWN)) return 'its path is not known before Terraform runs';
  if (!isKnown) return 'what it grants is not known before Terraform runs';
  if (hasTimeTemplate(path)) return 'its template depends on the time';
  if (entity === undefined && hasTemplate(path)) return 'its template depends on the entity';
  return expiration === undefined ? undefined : `it expires at "${expiration}"`;
}

function shown(path: string): string {
  return path.replaceAll(UNKNOWN, `\${...}`);
}
