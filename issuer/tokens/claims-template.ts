import { randomUUID } from 'node:crypto';
import { WrongUse } from '../../errors/index.js';
import { isRecord } from '../is-record.js';
import { refuseLookalikes } from './claims.js';

/**
 * Claims as JSON, with placeholders in its strings: `{{sub}}` is a claim of the token that is asked for, `{{iss}}` the
 * issuer's URL, `{{now}}` the time by its clock, `{{now + 60}}` and `{{now - 60}}` that many seconds off, `{{uuid}}` a
 * random UUID. A string that is nothing but a placeholder takes the value's own type. null leaves a claim out.
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

const PLACEHOLDER = /\{\{(.*?)\}\}/g;
const TIME = /^now(?:\s*([+-])\s*(\d{1,12}))?$/;
const NAME = /^[^\s{}]+$/;

/**
 * Checks a template's form.
 * @throws TypeError for a placeholder that is none, and a name that differs from a registered one only by case
 */
export function checkClaimsTemplate(template: ClaimsTemplate): ClaimsTemplate {
  mapStrings(template, (text) => {
    for (const [whole, inner = ''] of text.matchAll(PLACEHOLDER)) {
      const name = inner.trim();
      if (!TIME.test(name) && !NAME.test(name)) {
        throw new WrongUse(`"${whole}" is no placeholder, write for example "{{sub}}", "{{now + 60}}" or "{{uuid}}"`);
      }
    }
    return text;
  });
  refuseLookalikes(template);
  return template;
}

/**
 * Fills a template in.
 * @throws TypeError as {@link checkClaimsTemplate} does, and for a placeholder that names a claim that is not asked for
 */
export function fillClaimsTemplate(template: ClaimsTemplate, values: TemplateValues): Record<string, unknown> {
  return fillChecked(checkClaimsTemplate(template), values);
}

/**
 * Fills a template in that {@link checkClaimsTemplate} found sound.
 * @throws TypeError for a placeholder that names a claim that is not asked for
 */
export function fillChecked(template: ClaimsTemplate, values: TemplateValues): Record<string, unknown> {
  const filled = mapStrings(template, (text) => {
    const alone = /^\{\{([^{}]*)\}\}$/.exec(text)?.[1];
    if (alone !== undefined) return placeholderValue(alone.trim(), values);
    return text.replaceAll(PLACEHOLDER, (_whole, inner: string) => asText(placeholderValue(inner.trim(), values)));
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
  throw new WrongUse(`the template wants "{{${name}}}", and there is: ${known.join(', ')}`);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function mapStrings(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapStrings(item, change)]));
}
