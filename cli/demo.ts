import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { defineCommand } from 'citty';
import { type Environment, startEnvironment } from '../harness/index.js';
import { attempts, type LoginOutcome, tryLogin } from './demo-logins.js';
import { applyExample, example } from './example.js';
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
    const step = async <Result>(name: string, action: () => Promise<Result>, detail: (result: Result) => string) => {
      const start = performance.now();
      const result = await action();
      const ms = Math.round(performance.now() - start);
      steps.push({ name, ms });
      say(line(name, detail(result), ms));
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
        () => 'the bundled stack: auth/jwt, its role, a policy, kv/',
      );
      await step(
        'seed',
        () => environment.vault.seed(example.path, example.secret),
        () => example.path,
      );
      const logins = await logIn(environment, say);
      if (auditLog !== undefined) await writeAuditLog(environment, auditLog);
      const asExpected = logins.filter(({ expected, found }) => expected === found).length;
      say(`${asExpected} of ${logins.length} logins ended as they should`);
      if (args.json === true) print(JSON.stringify({ logins, steps, ...servers(environment) }));
      process.exitCode = asExpected === logins.length ? exitCodes.done : exitCodes.proofFailed;
    } finally {
      await environment.stop();
    }
  },
});

async function logIn(environment: Environment, say: (line: string) => void): Promise<LoginOutcome[]> {
  const outcomes: LoginOutcome[] = [];
  for (const attempt of attempts) {
    const jwt = await attempt.token(environment.issuer);
    const start = performance.now();
    const { outcome, session, detail } = await tryLogin(environment.vault, attempt, jwt, randomUUID());
    const ms = performance.now() - start;
    outcomes.push(outcome);
    const mark = outcome.expected === outcome.found ? '' : `  EXPECTED ${outcome.expected}`;
    say(line(session ? 'log in' : 'refuse', `${attempt.name}: ${detail}${mark}`, ms));
    if (!session) continue;
    const reading = performance.now();
    const secret = await session.read(example.path);
    if (!isDeepStrictEqual(secret, example.secret)) throw new Error(`"${example.path}" is not what was written there`);
    say(line('read', `${example.path}: ${Object.keys(secret).join(', ')}`, performance.now() - reading));
  }
  return outcomes;
}

async function writeAuditLog({ vault }: Environment, file: string): Promise<void> {
  const entries = await vault.auditLog();
  await writeOwn(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function servers({ vault, consul }: Environment) {
  const of = ({ version, engine, origin }: typeof vault | typeof consul) => ({ version, engine, origin });
  return { vault: of(vault), consul: of(consul) };
}

function line(name: string, detail: string, ms: number): string {
  return `${name.padEnd(8)} ${String(Math.round(ms)).padStart(5)} ms  ${detail}`;
}
