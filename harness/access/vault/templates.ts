/** Whom a policy's templates are filled in for. */
export interface TemplateEntity {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** By the accessor of their auth method. */
  readonly aliases?: Readonly<Record<string, TemplateAlias>> | undefined;
  /** The groups that it is a member of. */
  readonly groups?: readonly TemplateGroup[] | undefined;
}

/** What an auth method knows an entity as. */
export interface TemplateAlias {
  readonly id?: string | undefined;
  /** For a JWT login the user claim's value. */
  readonly name?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly customMetadata?: Readonly<Record<string, string>> | undefined;
}

/** A group of Vault's identities. */
export interface TemplateGroup {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Whether a path has something of the entity in it. */
export function hasTemplate(path: string): boolean {
  return path.includes('{{');
}

/** Whether a path has the time in it. */
export function hasTimeTemplate(path: string): boolean {
  return /\{\{\s*time\./.test(path);
}

/**
 * A path with its templates filled in.
 * @returns undefined where one stands for nothing, as for a metadata key that the entity lacks
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#templated-policies
 */
export function filledIn(path: string, entity: TemplateEntity): string | undefined {
  let isWhole = true;
  const filled = path.replaceAll(/\{\{((?:(?!\{\{|\}\}).)*)\}\}/gs, (_template, selector: string) => {
    const value = selected(selector.trim(), entity);
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? filled : undefined;
}

function selected(selector: string, entity: TemplateEntity): string | undefined {
  const [, of, rest = ''] = /^identity\.(entity|groups)\.(.*)$/s.exec(selector) ?? [];
  if (of === 'entity') return ofEntity(rest, entity);
  return of === 'groups' ? ofGroups(rest, entity.groups ?? []) : undefined;
}

function ofEntity(selector: string, { aliases = {}, ...entity }: TemplateEntity): string | undefined {
  const [, accessor = '', rest = ''] = /^aliases\.([^.]*)\.(.*)$/s.exec(selector) ?? [];
  if (accessor === '') return ofMember(selector, entity);
  const alias = Object.hasOwn(aliases, accessor) ? aliases[accessor] : undefined;
  return alias && ofMember(rest, alias);
}

function ofGroups(selector: string, groups: readonly TemplateGroup[]): string | undefined {
  const [, kind, key, rest = ''] = /^(ids|names)\.([^.]*)\.(.*)$/s.exec(selector) ?? [];
  const group = groups.find(({ id, name }) => key !== undefined && (kind === 'ids' ? id : name) === key);
  return group && ofMember(rest, group);
}

/** An empty value is none. */
function ofMember(selector: string, member: TemplateAlias): string | undefined {
  const [, kind = '', key = ''] = /^((?:custom_)?metadata)\.(.*)$/s.exec(selector) ?? [];
  if (kind !== '') {
    const data = (kind === 'metadata' ? member.metadata : member.customMetadata) ?? {};
    return Object.hasOwn(data, key) ? data[key] : undefined;
  }
  const value = selector === 'id' ? member.id : selector === 'name' ? member.name : undefined;
  return value === '' ? undefined : value;
}
