import { readFileSync } from 'node:fs';

/** The steps that docs/seeds.md has for one of the seeds, as they are copied from there. */
export interface SeedDocument {
  /** The shell's blocks before the issuer is started. */
  readonly before: readonly string[];
  /** The arguments of the issuer, without `npx vaultproof`. */
  readonly issuer: readonly string[];
  /** The shell's blocks once it runs. */
  readonly after: readonly string[];
  /** The program in Python; empty where there is none. */
  readonly python: string;
}

/** Reads the section of docs/seeds.md that starts with a title. */
export function seedDocument(title: string): SeedDocument {
  const text = readFileSync(new URL('../../docs/seeds.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(title)) ?? '';
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code = '']) => ({
    language,
    code,
  }));
  const start = blocks.findIndex(({ language }) => language === 'console');
  const shell = (from: number, to?: number): string[] =>
    blocks.slice(from, to).flatMap(({ language, code }) => (language === 'bash' ? [code] : []));
  return {
    before: shell(0, start),
    issuer: (blocks[start]?.code ?? '').trim().replace('npx vaultproof ', '').split(' '),
    after: shell(start + 1),
    python: blocks.find(({ language }) => language === 'python')?.code ?? '',
  };
}
