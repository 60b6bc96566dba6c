import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * What `~/.testcontainers.properties` sets, which Testcontainers Desktop and users write; empty where there is none.
 * @see https://node.testcontainers.org/configuration/
 */
export function testcontainersProperties(): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(join(homedir(), '.testcontainers.properties'), 'utf8');
  } catch {
    return new Map();
  }
  const pairs = text.split(/\r?\n/).map((line) => /^\s*([^#!\s=:][^\s=:]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line));
  // "docker.host=tcp\://127.0.0.1\:2375": Java's own writer escapes colons.
  return new Map(pairs.flatMap((pair) => (pair ? [[String(pair[1]), String(pair[2]).replaceAll('\\', '')]] : [])));
}
