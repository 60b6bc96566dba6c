import { WrongUse } from '../../errors/index.js';
import { type Example, plainExample, presetExamples } from './examples.js';
import { camelCase, literal } from './literal.js';
import type { Project } from './project.js';
import { type CopiedFile, testHeader } from './render.js';

/** What a copied test is about. */
export interface TestSubject {
  readonly stack: string;
  /** The name of the stack's class. */
  readonly className: string;
  readonly preset?: string | undefined;
}

/**
 * A vitest test that proves a copied stack, beside it. In a CommonJS project it is `.mts`: vitest is ESM, and neither
 * the stock tsconfig nor the stock Jest takes such a file for its own.
 * @throws WrongUse for a preset that has no example
 */
export function renderTest({ stack, className, preset }: TestSubject, project: Project): CopiedFile {
  const example = preset === undefined ? plainExample : presetExamples[preset];
  if (example === undefined) throw new WrongUse(`there is no test for the preset "${preset}", leave --test out`);
  const extension = project.isEsm ? '.js' : '';
  const imports = [
    `import { expect, test } from 'vaultproof/vitest';`,
    ...(preset === undefined
      ? []
      : [`import { ${camelCase(preset)}, ${camelCase(preset)}Role } from './presets/${preset}${extension}';`]),
    `import { ${className} } from './${stack}${extension}';`,
  ];
  const text = `${testHeader()}${imports.join('\n')}

// Yours to change: whose tokens Vault accepts, who gets in, and what they may read.
const backend = ${backendOf(example, preset)};
const role = ${roleOf(example, preset)};
const policies = [{ name: 'deploy', rules: [{ secrets: 'app/*', access: ['read' as const] }] }];

/** The claims of a token that must get in. */
const token = ${literal(example.token)};

/** Who must stay out: what their tokens have instead, and the check that refuses them, by the claim. */
const strangers = ${literal(example.strangers)} as const;

// The issuers that vendors run sign with RS256; this one does so in their place.
test.override({ services: { vault: true, issuer: { algorithms: ['RS256'] } } });

test('the token that must get in reads the secret', { timeout: 60_000 }, async ({ env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  await env.apply((app) => new ${className}(app, 'proof', { ...backend, jwksUrl, roles: [role], policies, kv: {} }));
  await env.vault.seed('kv/app/test', { username: 'X' });
  const session = await env.vault.login({ jwt: await env.issuer.sign(token) });
  expect(await session.read('kv/app/test')).toEqual({ username: 'X' });
});

test.for(strangers)('$who stays out', { timeout: 60_000 }, async ({ claims, code, claim }, { env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  await env.apply((app) => new ${className}(app, 'proof', { ...backend, jwksUrl, roles: [role], policies, kv: {} }));
  const jwt = await env.issuer.sign({ ...token, ...claims });
  await expect(env.vault).toRefuse(jwt, { code, claim });
});
`;
  return { path: `${stack}.test.${project.isEsm ? 'ts' : 'mts'}`, text };
}

function backendOf({ backend }: Example, preset: string | undefined): string {
  if (preset === undefined) return literal(backend ?? {});
  return `${camelCase(preset)}(${backend === undefined ? '' : literal(backend)})`;
}

function roleOf({ role }: Example, preset: string | undefined): string {
  const props = literal({ roleName: 'deploy', ...role, tokenPolicies: ['deploy'] });
  return preset === undefined ? props : `${camelCase(preset)}Role(${props})`;
}
