import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { defineCommand } from 'citty';
import { type Environment, startEnvironment, type VaultSession } from '../harness/index.js';
import { tryConsul } from './demo-consul.js';
import { attempts, type LoginOutcome, tryLogin } from './demo-logins.js';
import { type DemoStep, stepLine } from './demo-step.js';
import { applyExample, example, seedExample } from './example.js';
import { exitCodes } from './exit-codes.js';
import { writeOwn } from './files.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';

interface Step {
  readonly name: string;
  readonly ms: number;
}

/** `vaultproof demo`: the main job on the bundled example. */
export const demo = defineCommand({
  meta: {
    name: 'demo',
    description: 'Starts Vault, Consul and an issuer, applies the bundled stack, logs in, reads, and is refused',
  },
  args: {
    json: { type: 'boolean', description: 'One JSON object on standard output, the steps on standard error' },
    'audit-log': {
      type: 'string',
      valueHint: 'FILE',
      description: "Writes Vault's audit log to this file, as JSON lines",
    },
  },
  run: async ({ args }) => {
    const say = args.json === true ? note : print;
    const auditLog = args['audit-log'];
    // Before anything starts: a file that can't be written is wrong use, not a failed proof.
    if (auditLog !== undefined) await writeOwn(auditLog, '');
    const interruption = handleInterruption();
    const steps: Step[] = [];
    const step: DemoStep = async (name, action, detail) => {
      const start = performance.now();
      const result = await action();
      const ms = Math.round(performance.now() - start);
      steps.push({ name, ms });
      say(stepLine(name, detail(result), ms));
      return result;
    };

    const environment = await step(
      'start',
      () =>
        startEnvironment({
          vault: { auditLog: auditLog !== undefined },
          consul: true,
          report: note,
          signal: interruption.signal,
        }),
      ({ vault, consul }) => `vault ${vault.version}, consul ${consul.version} and the issuer`,
    );
    interruption.stopFirst(() => environment.stop());
    try {
      say(`           vault on ${environment.vault.engineReason}`);
      say(`           consul on ${environment.consul.engineReason}`);
      await step(
        'apply',
        () => applyExample(environment),
        () => 'the bundled stacks: auth/jwt, kv/ and consul/ in vault, an auth method in consul, who gets what',
      );
      await step(
        'seed',
        () => seedExample(environment),
        () => `${example.path}, ${example.key} in consul, and the token that vault has there`,
      );
      const { logins, good } = await logIn(environment, say);
      const atConsul = good && (await tryConsul(environment, good, step));
      if (auditLog !== undefined) await writeAuditLog(environment, auditLog);
      const all = [...logins, ...(atConsul?.consulLogins ?? [])];
      const asExpected = all.filter(({ expected, found }) => expected === found).length;
      say(`${asExpected} of ${all.length} logins ended as they should`);
      if (args.json === true) print(JSON.stringify({ logins, ...atConsul, steps, ...servers(environment) }));
      const isRevoked = atConsul?.consulToken.found === atConsul?.consulToken.expected;
      process.exitCode = asExpected === all.length && isRevoked ? exitCodes.done : exitCodes.proofFailed;
    } finally {
      await environment.stop();
    }
  },
});

interface Logins {
  readonly logins: readonly LoginOutcome[];
  /** The token that got in, and what it got. */
  readonly good: { readonly jwt: string; readonly session: VaultSession } | undefined;
}

async function logIn(environment: Environment, say: (line: string) => void): Promise<Logins> {
  let good: Logins['good'];
  const outcomes: LoginOutcome[] = [];
  for (const attempt of attempts) {
    const jwt = await attempt.token(environment.issuer);
    const start = performance.now();
    const { outcome, session, detail } = await tryLogin(environment.vault, attempt, jwt, randomUUID());
    const ms = performance.now() - start;
    outcomes.push(outcome);
    const mark = outcome.expected === outcome.found ? '' : `  EXPECTED ${outcome.expected}`;
    say(stepLine(session ? 'log in' : 'refuse', `${attempt.name}: ${detail}${mark}`, ms));
    if (!session) continue;
    good = { jwt, session };
    const reading = performance.now();
    const secret = await session.read(example.path);
    if (!isDeepStrictEqual(secret, example.secret)) throw new Error(`"${example.path}" is not what was written there`);
    say(stepLine('read', `${example.path}: ${Object.keys(secret).join(', ')}`, performance.now() - reading));
  }
  return { logins: outcomes, good };
}

async function writeAuditLog({ vault }: Environment, file: string): Promise<void> {
  const entries = await vault.auditLog();
  await writeOwn(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function servers({ vault, consul }: Environment) {
  const of = ({ version, engine, origin }: typeof vault | typeof consul) => ({ version, engine, origin });
  return { vault: of(vault), consul: of(consul) };
}
