const CLAIM = /\$\{\s*(value\.[\w.-]+)\s*\}/;

/** What a binding rule names, with claims in it: `BindName`, and for a templated policy the name of its variables. */
export function bindTemplate(rule: Readonly<Record<string, unknown>>): string {
  const variables = Object(rule['BindVars']) as { readonly Name?: unknown };
  return String((rule['BindType'] === 'templated-policy' ? variables.Name : rule['BindName']) ?? '');
}

/** The texts of a template, and the fields between them, such as `value.team`. */
export function templateParts(template: string): {
  readonly texts: readonly string[];
  readonly fields: readonly string[];
} {
  const parts = template.split(CLAIM);
  return {
    texts: parts.filter((_part, index) => index % 2 === 0),
    fields: parts.filter((_part, index) => index % 2 === 1),
  };
}

/**
 * What each field of a template would have to be for the whole to be a name: of `team-${value.team}` and `team-a` it is `a`.
 * @param texts those of the template
 * @param name in lower case
 * @returns each way to make it
 */
export function partsMaking(texts: readonly string[], name: string): readonly (readonly string[])[] {
  const [first = '', ...rest] = texts.map((text) => text.toLowerCase());
  if (!name.startsWith(first)) return [];
  const left = name.slice(first.length);
  if (rest.length === 0) return left === '' ? [[]] : [];
  const [next = ''] = rest;
  const found: (readonly string[])[] = [];
  for (let end = 0; end <= left.length; end++) {
    if (!left.startsWith(next, end)) continue;
    for (const others of partsMaking(rest, left.slice(end))) found.push([left.slice(0, end), ...others]);
  }
  return found;
}
