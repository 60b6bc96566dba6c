import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import {
  assembleEnvironment,
  prepareServers,
  type StartedConsul,
  type StartedIssuer,
  type StartedVault,
  startConsul,
  startVault,
  type VaultOptions,
} from '../harness/index.js';
import { startIssuer } from '../issuer/index.js';
import { unknownName } from './arguments.js';
import {
  type ConsulTokenOutcome,
  type DemoStep,
  type GoodLogin,
  type LoginOutcome,
  type Say,
  stepLine,
  tryConsul,
  tryConsulToken,
  tryLogins,
} from './demo-proofs.js';
import { applyConsulExample, applyVaultExample, example, givesConsulTokens, seedConsulExample } from './example.js';
import { exitCodes } from './exit.js';
import { writeOwn } from './files.js';
import { handleInterruption, type Interruption } from './interruption.js';
import { note, print } from './output.js';

/** `vaultproof demo`: the main job on the bundled example. */
export const demo = defineCommand({
  meta: { name: 'demo' },
  args: {
    json: { type: 'boolean', description: 'Print one JSON object, and the steps on standard error' },
    vault: {
      type: 'string',
      valueHint: 'PRODUCT',
      description: '"vault" or "openbao"; default: the first one found',
    },
    'vault-only': { type: 'boolean', description: 'Leave Consul out' },
    'audit-log': {
      type: 'string',
      valueHint: 'FILE',
      description: "Write Vault's audit log to this file, as JSON lines",
    },
  },
  run: async ({ args }) => {
    const { vault: product, 'vault-only': vaultOnly = false, 'audit-log': auditLog } = args;
    if (product !== undefined && product !== 'vault' && product !== 'openbao') {
      throw new UsageError(unknownName('product', product, ['vault', 'openbao']));
    }
    // Before anything starts: a file that can't be written is wrong use, not a failed proof.
    if (auditLog !== undefined) await writeOwn(auditLog, '');
    const say: Say = args.json === true ? note : print;
    const report = await run(say, handleInterruption(), {
      vault: { auditLog: auditLog !== undefined, product },
      vaultOnly,
      auditLog,
    });
    process.exitCode = isProven(report) ? exitCodes.done : exitCodes.proofFailed;
    if (args.json === true) print(JSON.stringify(report));
  },
});

interface DemoOptions {
  readonly vault: VaultOptions;
  readonly vaultOnly: boolean;
  /** The file for Vault's audit log. */
  readonly auditLog: string | undefined;
}

/** What `demo --json` prints; what was skipped is null or empty, and named. */
interface DemoReport {
  readonly logins: readonly LoginOutcome[];
  readonly consulLogins: readonly { readonly name: string; readonly expected: string; readonly found: string }[];
  readonly consulToken: ConsulTokenOutcome | null;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
  readonly vault: {
    readonly product: string;
    readonly version: string;
    readonly engine: string;
    readonly origin: string;
  };
  readonly consul: { readonly version: string; readonly engine: string; readonly origin: string } | null;
}

/** Vault's part first, as soon as Vault is there, then Consul's, then both together. */
async function run(say: Say, interruption: Interruption, options: DemoOptions): Promise<DemoReport> {
  const steps: DemoReport['steps'][number][] = [];
  const step: DemoStep = async (name, action, detail) => {
    const start = performance.now();
    const result = await action();
    const ms = Math.round(performance.now() - start);
    steps.push({ name, ms });
    say(stepLine(name, detail(result), ms));
    return result;
  };
  const over = new AbortController();
  const shared = { report: note, signal: AbortSignal.any([interruption.signal, over.signal]) };
  const parts: Promise<{ stop(): Promise<void> }>[] = [];
  const kept = <Part extends { stop(): Promise<void> }>(part: Promise<Part>): Promise<Part> => {
    parts.push(part);
    // It is told when its turn comes.
    part.catch(() => {});
    return part;
  };
  const stop = async (): Promise<void> => {
    over.abort(new Error('the demo is over'));
    await Promise.all((await Promise.allSettled(parts)).map((one) => one.status === 'fulfilled' && one.value.stop()));
  };
  interruption.stopFirst(stop);
  try {
    const vaultOptions = { ...shared, ...options.vault };
    // Consul waits for Vault where that has to be obtained first: two builds at a time make both late.
    await obtaining('vault', say, () => prepareServers({ vault: vaultOptions, consul: false }));
    const consulStart = options.vaultOnly ? undefined : kept(startConsul(shared));
    const [issuer, vault] = await step(
      'start',
      () => Promise.all([kept(startIssuer()), kept(startVault(vaultOptions))]),
      ([, { product, version }]) => `${product} ${version} and the issuer`,
    );
    say(`           vault on ${vault.engineReason}`);
    const tokens = !options.vaultOnly && (await givesConsulTokens(vault));
    const { logins, good } = await proveVault({ issuer, vault, tokens }, say, step);
    if (options.auditLog !== undefined) await writeAuditLog(vault, options.auditLog);

    if (consulStart !== undefined)
      await withAdvice(
        CONSUL_ADVICE,
        obtaining('consul', say, () => consulStart),
      );
    const consul =
      consulStart &&
      (await step(
        'start',
        () => consulStart,
        ({ version }) => `consul ${version}`,
      ));
    const atConsul = consul && good && (await proveConsul({ issuer, vault, consul, tokens }, good, say, step));
    if (consul && options.auditLog !== undefined) await writeAuditLog(vault, options.auditLog);

    const report: DemoReport = {
      logins,
      consulLogins: atConsul?.consulLogins ?? [],
      consulToken: atConsul?.consulToken ?? null,
      skipped: skipped(vault, options, tokens),
      steps,
      vault: { product: vault.product, ...placeOf(vault) },
      consul: consul ? placeOf(consul) : null,
    };
    const all = [...report.logins, ...report.consulLogins];
    for (const { name, reason } of report.skipped) say(`skipped            ${name}: ${reason}`);
    say(
      `${all.filter(({ expected, found }) => expected === found).length} of ${all.length} logins ended as they should`,
    );
    return report;
  } finally {
    await stop();
  }
}

/** Says how long it took until a server was there, where that took its time. */
async function obtaining(name: string, say: Say, action: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await action();
  const ms = performance.now() - start;
  if (ms > 1_000) say(stepLine('obtain', name, ms));
}

/** How long something may take before it is said how to go without it. */
const ADVISE_MS = 3_000;
const CONSUL_ADVICE =
  'Vault\'s part is done, and Consul is not there yet: "vaultproof demo --vault-only" leaves it out';

async function withAdvice(advice: string, waiting: Promise<void>): Promise<void> {
  const timer = setTimeout(() => note(advice), ADVISE_MS);
  try {
    await waiting;
  } finally {
    clearTimeout(timer);
  }
}

interface VaultPart {
  readonly issuer: StartedIssuer;
  readonly vault: StartedVault;
  /** Whether Vault makes Consul tokens. */
  readonly tokens: boolean;
}

async function proveVault(
  { issuer, vault, tokens }: VaultPart,
  say: Say,
  step: DemoStep,
): Promise<{ readonly logins: readonly LoginOutcome[]; readonly good: GoodLogin | undefined }> {
  const environment = await assembleEnvironment({ issuer, vault });
  await step(
    'apply',
    () => applyVaultExample(environment, tokens),
    () => 'the bundled stack: auth/jwt, kv/, who gets what',
  );
  await step(
    'seed',
    () => vault.seed(example.path, example.secret),
    () => example.path,
  );
  return tryLogins(environment, say);
}

async function proveConsul(
  { issuer, vault, consul, tokens }: VaultPart & { readonly consul: StartedConsul },
  { jwt, session }: GoodLogin,
  say: Say,
  step: DemoStep,
): Promise<Pick<DemoReport, 'consulLogins' | 'consulToken'>> {
  say(`           consul on ${consul.engineReason}`);
  const environment = await assembleEnvironment({ issuer, vault, consul });
  await step(
    'apply',
    () => applyConsulExample(environment, tokens),
    () => `an auth method in consul, who gets what${tokens ? '; consul/ in vault' : ''}`,
  );
  await step(
    'seed',
    () => seedConsulExample(environment, tokens),
    () => `${example.key} in consul${tokens ? ', and the token that vault has there' : ''}`,
  );
  const outcomes = await tryConsul(environment, jwt, step);
  return { ...outcomes, consulToken: tokens ? await tryConsulToken(environment, session, step) : null };
}

function skipped(vault: StartedVault, { vaultOnly }: DemoOptions, tokens: boolean): DemoReport['skipped'] {
  const name = 'consul tokens from vault';
  if (vaultOnly) {
    const reason = '--vault-only was given';
    return [
      { name: 'logins to consul', reason },
      { name, reason },
    ];
  }
  if (tokens) return [];
  const instead = vault.product === 'openbao' ? 'demo --vault vault' : 'engines install vault --full';
  const reason = `${productName(vault)} ${vault.version} has no Consul secrets engine; "vaultproof ${instead}" has`;
  return [{ name, reason }];
}

function isProven({ logins, consulLogins, consulToken }: DemoReport): boolean {
  const outcomes = [...logins, ...consulLogins, ...(consulToken === null ? [] : [consulToken])];
  return outcomes.every(({ expected, found }) => expected === found);
}

async function writeAuditLog(vault: StartedVault, file: string): Promise<void> {
  const entries = await vault.auditLog();
  await writeOwn(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function productName({ product }: StartedVault): string {
  return product === 'openbao' ? 'OpenBao' : 'Vault';
}

function placeOf({ version, engine, origin }: Pick<StartedVault, 'version' | 'engine' | 'origin'>) {
  return { version, engine, origin };
}
