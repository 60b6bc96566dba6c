import { isRecord } from '../../../internal/json.js';
import { parseSelector, type Selector, SelectorSyntaxError } from '../../../stacks/consul-selector.js';
import { type Block, isSet, type LintDocument, referredBy, resourcesOf, textOf } from '../document/block.js';
import { byKey, ofDocument } from '../document/once.js';
import { isKnown, UNKNOWN } from '../document/unknown.js';
import { type ConsulMethod, consulMethods } from './auth-method.js';

/** A `consul_acl_binding_rule` for logins with JWTs. */
export interface ConsulRule {
  readonly block: Block;
  /** Undefined where the document does not have it; then the rule is one whose selector only a JWT can satisfy. */
  readonly method: ConsulMethod | undefined;
  readonly bindType: string | undefined;
  /** What it gives, with claims in it, and the argument that says so; undefined where that is not known. */
  readonly name: { readonly attribute: 'bind_name' | 'bind_vars'; readonly text: string } | undefined;
  /** Undefined where there is none, or where it can't be read. */
  readonly selector: Selector | undefined;
  /** Why a selector that is known can't be read. */
  readonly mistake: string | undefined;
  /** True where there is none, which is known. */
  readonly takesAll: boolean;
}

/** The binding rules for JWTs of a document. */
export const consulRules = ofDocument((document: LintDocument): readonly ConsulRule[] => {
  const methods = new Map(consulMethods(document).map((method) => [method.block, method]));
  const all = resourcesOf(document, 'consul_acl_auth_method');
  const byAddress = byKey(all, ({ address }) => address);
  const byName = byKey(all, (one) => textOf(one, 'name'));
  return resourcesOf(document, 'consul_acl_binding_rule').flatMap((block): ConsulRule[] => {
    const referred = referredBy(block, 'auth_method').map((one) => one.replace(/\.name$/, ''));
    const found = [
      ...referred.flatMap((address) => byAddress.get(address) ?? []),
      ...(byName.get(textOf(block, 'auth_method') ?? UNKNOWN) ?? []),
    ];
    const method = found.flatMap((one) => methods.get(one) ?? [])[0];
    const isOfAnotherType = method === undefined && found.length > 0;
    const read = readSelector(textOf(block, 'selector'));
    if (isOfAnotherType || (method === undefined && read.selector === undefined)) return [];
    const takesAll = !isSet(block, 'selector');
    return [{ block, method, bindType: textOf(block, 'bind_type'), name: nameOf(block), ...read, takesAll }];
  });
});

function nameOf(block: Block): ConsulRule['name'] {
  const isTemplate = textOf(block, 'bind_type') === 'templated-policy';
  const variables = block.attributes['bind_vars'];
  const text = isTemplate ? isRecord(variables) && variables['name'] : block.attributes['bind_name'];
  if (typeof text !== 'string' || !isKnown(text)) return undefined;
  return { attribute: isTemplate ? 'bind_vars' : 'bind_name', text };
}

function readSelector(text: string | undefined): Pick<ConsulRule, 'selector' | 'mistake'> {
  if (text === undefined || text === '') return { selector: undefined, mistake: undefined };
  try {
    return { selector: parseSelector(text), mistake: undefined };
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    return { selector: undefined, mistake: error.message };
  }
}
