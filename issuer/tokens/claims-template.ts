import { randomUUID } from 'node:crypto';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { isRecord, wrongWithJson } from '../../internal/json.js';
import { refuseLookalikes } from './claims.js';

/**
 * Claims as JSON, with placeholders in its strings: `{{sub}}` is a claim of the token that is asked for, `{{iss}}` the
 * issuer's URL, `{{now}}` the time by its clock, `{{now + 60}}` and `{{now - 60}}` that many seconds off, `{{uuid}}` a
 * random UUID. A string that is nothing but a placeholder takes the value's own type. null leaves a claim out. What
 * placeholders fill in is 64 KiB at most, as JSON, and objects and lists are nested 64 levels deep at most.
 */
export type ClaimsTemplate = Readonly<Record<string, unknown>>;

/** What placeholders stand for. */
export interface TemplateValues {
  /** The claims that are asked for, by name. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The issuer's URL. */
  readonly issuer: string;
  /** The time, in seconds since 1970. */
  readonly now: number;
}

/** As many characters as a token may have that `verifyToken` looks at. */
const MOST_FILLED_IN = 64 * 1024;
const PLACEHOLDER = /\{\{([\s\S]*?)\}\}/g;
const TIME = /^now(?:\s*([+-])\s*(\d{1,12}))?$/;
const NAME = /^[^\s{}]+$/;

/**
 * Checks a template's form.
 * @throws TypeError for an invalid placeholder, a name that differs from a registered one only by case, and too many
 * levels
 */
export function checkClaimsTemplate(template: ClaimsTemplate): ClaimsTemplate {
  const wrong = wrongWithJson(template);
  if (wrong !== undefined) throw new UsageError(`the template ${wrong}`);
  mapStrings(template, (text) =>
    replacePlaceholders(text, (name, whole) => {
      if (TIME.test(name) || NAME.test(name)) return whole;
      throw new UsageError(
        `invalid placeholder "${whole}"; expected for example "{{sub}}", "{{now + 60}}" or "{{uuid}}"`,
      );
    }),
  );
  refuseLookalikes(template);
  return template;
}

/**
 * Fills a template in.
 * @throws TypeError as {@link checkClaimsTemplate} does, and for a placeholder that names a claim that is not asked for
 * @throws VaultproofError `claims_too_large`
 * @example
 * const claims = { user: 'alice' };
 * fillClaimsTemplate({ sub: 'user:{{user}}' }, { claims, issuer: issuer.url, now: issuer.clock.now() });
 */
export function fillClaimsTemplate(template: ClaimsTemplate, values: TemplateValues): Record<string, unknown> {
  return fillChecked(checkClaimsTemplate(template), values);
}

/**
 * Fills a template in that {@link checkClaimsTemplate} found sound.
 * @throws TypeError for a placeholder that names a claim that is not asked for
 * @throws VaultproofError `claims_too_large`
 */
export function fillChecked(template: ClaimsTemplate, values: TemplateValues): Record<string, unknown> {
  let left = MOST_FILLED_IN;
  const fillIn = (name: string): { value: unknown; text: string } => {
    const value = placeholderValue(name, values);
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    left -= text.length;
    if (left >= 0) return { value, text };
    const message = 'the placeholders expand to more than 64 KiB: use fewer of them, or shorter claims';
    throw new VaultproofError('claims_too_large', message);
  };
  const filled = mapStrings(template, (text) => {
    const alone = /^\{\{([^{}]*)\}\}$/.exec(text)?.[1];
    if (alone !== undefined) return fillIn(alone.trim()).value;
    return replacePlaceholders(text, (name) => fillIn(name).text);
  });
  return filled as Record<string, unknown>;
}

function placeholderValue(name: string, { claims, issuer, now }: TemplateValues): unknown {
  const [time, sign, seconds = '0'] = TIME.exec(name) ?? [];
  if (time !== undefined) return sign === '-' ? now - Number(seconds) : now + Number(seconds);
  if (name === 'uuid') return randomUUID();
  if (name === 'iss') return issuer;
  if (Object.hasOwn(claims, name)) return claims[name];
  const known = [...Object.keys(claims), 'iss', 'now', 'uuid'];
  throw new UsageError(`unknown placeholder "{{${name}}}"; expected one of: ${known.join(', ')}`);
}

/** Only what comes before the last `}}` of a line can be a placeholder: behind it every `{{` would be followed to the line's end. */
function replacePlaceholders(text: string, change: (name: string, whole: string) => string): string {
  return text
    .split('\n')
    .map((line) => {
      const end = line.lastIndexOf('}}') + '}}'.length;
      const head = line.slice(0, end).replace(PLACEHOLDER, (whole, inner: string) => change(inner.trim(), whole));
      return head + line.slice(end);
    })
    .join('\n');
}

function mapStrings(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapStrings(item, change)]));
}
