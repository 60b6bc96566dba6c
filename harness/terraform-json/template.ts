/** A piece of a template: text that stands for itself, an expression of `${...}`, or a directive of `%{...}`. */
export interface TemplatePart {
  readonly kind: 'text' | 'expression' | 'directive';
  /** The text with its escapes undone; what stands between the braces. */
  readonly text: string;
}

/** The same, or an expression or a directive that does not end, with all that is left. */
type ScannedPart = TemplatePart | { readonly kind: 'endless'; readonly text: string };

/**
 * Takes a template of Terraform apart. An expression ends at the brace that closes it, whatever quotes and braces are in
 * it.
 * @returns undefined where an expression does not end
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
 */
export function templateParts(template: string): readonly TemplatePart[] | undefined {
  const parts = scanTemplate(template);
  return parts.every((part) => part.kind !== 'endless') ? parts : undefined;
}

/** The same, with what does not end as the last part. */
export function scanTemplate(template: string): readonly ScannedPart[] {
  const parts: ScannedPart[] = [];
  let text = '';
  const endText = (): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < template.length; at++) {
    if (template.startsWith('$${', at) || template.startsWith('%%{', at)) {
      text += template.slice(at + 1, at + 3);
      at += 2;
      continue;
    }
    if (!opens(template, at)) {
      text += template[at];
      continue;
    }
    endText();
    const end = endOfExpression(template, at + 2);
    if (end === undefined) return [...parts, { kind: 'endless', text: template.slice(at) }];
    parts.push({ kind: template[at] === '$' ? 'expression' : 'directive', text: template.slice(at + 2, end) });
    at = end;
  }
  endText();
  return parts;
}

/** Where the brace is that closes an expression which begins at `start`. Strings in it are templates themselves. */
export function endOfExpression(template: string, start: number): number | undefined {
  const open: ('"' | '{')[] = ['{'];
  for (let at = start; at < template.length; at++) {
    const character = template[at];
    if (open.at(-1) === '"') {
      if (character === '\\') at++;
      else if (character === '"') open.pop();
      else if (opens(template, at)) {
        open.push('{');
        at++;
      }
    } else if (character === '"' || character === '{') open.push(character);
    else if (character === '}') {
      open.pop();
      if (open.length === 0) return at;
    }
  }
  return undefined;
}

/**
 * An expression without its strings, numbers and whatever does not end, any of which may be a secret: names of functions
 * and references are left.
 *
 * @example
 * withoutLiterals('\${sha256("s3cret")}'); // '${sha256("...")}'
 */
export function withoutLiterals(expression: string): string {
  let kept = '';
  for (let at = 0; at < expression.length; at++) {
    if (expression[at] !== '"') {
      kept += expression[at];
      continue;
    }
    const end = endOfString(expression, at + 1);
    kept += '"..."';
    if (end === undefined) break;
    at = end;
  }
  // What stands alone is a number; in a name, or as an index, it is none.
  return kept.replace(/<<.*/s, '<<...').replace(/(?<![\w.[-])\d[\w.]*/g, '...');
}

/** Where the quote is that closes a string which begins at `start`. */
function endOfString(template: string, start: number): number | undefined {
  for (let at = start; at < template.length; at++) {
    if (template[at] === '\\') at++;
    else if (template[at] === '"') return at;
    else if (opens(template, at)) {
      const end = endOfExpression(template, at + 2);
      if (end === undefined) return undefined;
      at = end;
    }
  }
  return undefined;
}

function opens(template: string, at: number): boolean {
  const isEscaped = template[at] === template[at - 1];
  return !isEscaped && (template.startsWith('${', at) || template.startsWith('%{', at));
}
