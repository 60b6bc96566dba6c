import { parseEnv } from 'node:util';
import { WrongUse } from '../../errors/index.js';

/** A line of what `openssl rand -base64` prints, except the last one. */
const FULL_LINE = /^[A-Za-z0-9+/]{64}$/;
const LAST_LINES = /^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==)$/;

/**
 * The secret in the text of a .env file, undecoded. `openssl rand -base64 64` prints two lines: both count where they
 * were pasted as they are, and in quotes.
 * @param name the variable; default `KEY`
 * @throws TypeError when it is not there or empty
 */
export function secretFromEnv(env: string, name = 'KEY'): string {
  const value = parseEnv(joinPasted(env, name))[name]?.replace(/[\r\n]+/g, '');
  if (value) return value;
  throw new WrongUse(`the .env file has no "${name}", or an empty one: write the line "${name}=..." into it`);
}

function joinPasted(env: string, name: string): string {
  const joined: string[] = [];
  let pasting = false;
  for (const line of env.split(/\r?\n/)) {
    if (pasting && LAST_LINES.test(line)) joined.push(`${joined.pop()}${line}`);
    else joined.push(line);
    const assigned = /^\s*(?:export\s+)?(\w+)\s*=\s*(.*)$/.exec(line);
    pasting = pasting ? FULL_LINE.test(line) : assigned?.[1] === name && FULL_LINE.test(assigned[2] ?? '');
  }
  return joined.join('\n');
}
