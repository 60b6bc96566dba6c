import type { Context } from 'hono';
import { bodyText } from './body-text.js';
import { refuse } from './dialect.js';

/**
 * The body as a form's parameters, each of them once; those without a value count as left out.
 * @param repeatable the parameters that may be there more than once
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export async function formBody(context: Context, repeatable: readonly string[] = []): Promise<URLSearchParams> {
  const form = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(await bodyText(context))) {
    if (value === '') continue;
    if (form.has(name) && !repeatable.includes(name)) {
      refuse(400, 'invalid_request', 'a parameter is repeated');
    }
    form.append(name, value);
  }
  return form;
}
