import { isRecord } from '../../../internal/json.js';
import { type Block, jsonText, type LintDocument, resourcesOf } from '../document/document.js';
import { type HclValue, isObject, PolicySyntaxError, parseHcl } from '../policy/hcl.js';

/** What a policy of Consul grants: `key_prefix "app/"` its `policy`, or `acl` itself. */
export interface AclGrant {
  readonly resource: string;
  /** None where the resource has no names. */
  readonly segment?: string;
  /** `policy`, or `intentions` and the like. */
  readonly kind: string;
  readonly access: string;
}

/** The policies of Consul in a document, as far as they can be read. */
export function aclPolicies(
  document: LintDocument,
): readonly { readonly block: Block; readonly grants: readonly AclGrant[] }[] {
  return resourcesOf(document, 'consul_acl_policy').map((block) => ({
    block,
    grants: grantsOf(block.attributes['rules']),
  }));
}

/**
 * Reads the rules of a Consul policy, in HCL or JSON.
 * @throws PolicySyntaxError
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/rule
 */
export function aclGrants(rules: string): readonly AclGrant[] {
  if (!/^\s*\{/.test(rules)) return ofHcl(rules);
  const json = jsonText(rules);
  if (json === undefined) throw new PolicySyntaxError('it begins with "{" and is not JSON');
  return ofJson(json);
}

function grantsOf(rules: unknown): readonly AclGrant[] {
  if (typeof rules !== 'string') return [];
  try {
    return aclGrants(rules);
  } catch (error) {
    // Consul refuses it, at apply.
    if (error instanceof PolicySyntaxError) return [];
    throw error;
  }
}

function ofHcl(rules: string): AclGrant[] {
  return parseHcl(rules).items.flatMap(({ keys: [resource = '', segment], value }) =>
    isObject(value)
      ? value.items.flatMap(({ keys: [kind = ''], value: access }) => grant(resource, segment, kind, access))
      : grant(resource, segment, 'policy', value),
  );
}

function ofJson(json: unknown): AclGrant[] {
  if (!isRecord(json)) return [];
  return Object.entries(json).flatMap(([resource, value]) => {
    if (typeof value === 'string') return grant(resource, undefined, 'policy', value);
    // Blocks may stand in lists.
    return [value]
      .flat()
      .flatMap((segments) =>
        Object.entries(isRecord(segments) ? segments : {}).flatMap(([segment, body]) =>
          [body]
            .flat()
            .flatMap((one) =>
              Object.entries(isRecord(one) ? one : {}).flatMap(([kind, access]) =>
                grant(resource, segment, kind, String(access)),
              ),
            ),
        ),
      );
  });
}

function grant(resource: string, segment: string | undefined, kind: string, access: HclValue): AclGrant[] {
  if (typeof access !== 'string') return [];
  return [{ resource, ...(segment !== undefined && { segment }), kind, access }];
}
