import { defineCommand } from 'citty';
import { execa } from 'execa';
import { VaultproofError } from '../errors/index.js';
import { type Service, surveyExecutables } from '../harness/binaries/index.js';
import { decideEngine, findDocker } from '../harness/engines/index.js';
import { exitCodes } from './exit-codes.js';
import { print } from './output.js';

const products: readonly Service[] = ['vault', 'consul'];
const tools = [
  { name: 'terraform', args: ['version'], use: 'deploys the stacks' },
  { name: 'tofu', args: ['version'], use: 'deploys the stacks' },
  { name: 'go', args: ['version'], use: 'builds an executable where none can be had' },
] as const;

/** One thing that was looked for. */
interface Found {
  readonly name: string;
  readonly status: 'found' | 'absent' | 'unusable';
  readonly detail: string;
}

/** `vaultproof doctor`: what was found, and what will be used. */
export const doctor = defineCommand({
  meta: { name: 'doctor', description: 'What was found, what will be used, and why; starts and downloads nothing' },
  args: { json: { type: 'boolean', description: 'One JSON object on standard output' } },
  run: async ({ args }) => {
    const [docker, others, ...servers] = await Promise.all([
      lookForDocker(),
      Promise.all(tools.map(lookForTool)),
      ...products.map(examine),
    ]);
    if (args.json === true) print(JSON.stringify({ docker, tools: others, servers }));
    else {
      for (const finding of [docker, ...others]) print(row(finding));
      for (const { product, sources, willUse } of servers) {
        print(`\n${product}`);
        for (const finding of sources) print(row(finding));
        print(`  will use ${willUse.detail}`);
      }
    }
    if (servers.some(({ willUse }) => willUse.status !== 'found')) process.exitCode = exitCodes.noEnvironment;
  },
});

async function examine(product: Service): Promise<{ product: Service; sources: readonly Found[]; willUse: Found }> {
  const findings = await surveyExecutables(product);
  const sources = findings.map(({ source, status, detail }) => ({ name: source, status, detail }));
  return { product, sources, willUse: await foresee(product, findings) };
}

/** Says what a start would take, from the same decision that a start makes. */
async function foresee(product: Service, sources: Awaited<ReturnType<typeof surveyExecutables>>): Promise<Found> {
  const name = product;
  try {
    const decision = await decideEngine(product);
    const obtainable = sources.find(
      ({ source, status }) => ['release', 'go-module'].includes(source) && status === 'found',
    );
    const missing = decision.engine === 'process' ? !decision.executable : decision.pull;
    if (!missing) return { name, status: 'found', detail: decision.reason };
    const next = obtainable ? `, else ${obtainable.source}: ${obtainable.detail}` : '';
    const status = decision.engine === 'docker' || obtainable ? 'found' : 'absent';
    return { name, status, detail: `${decision.reason}${next}` };
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return { name, status: 'unusable', detail: error.message };
  }
}

async function lookForDocker(): Promise<Found> {
  return findDocker().then(
    ({ version, host }) => ({ name: 'docker', status: 'found', detail: `${version} at ${host}` }),
    (error: unknown) => ({
      name: 'docker',
      status: 'absent',
      detail: error instanceof Error ? error.message : String(error),
    }),
  );
}

async function lookForTool({ name, args, use }: (typeof tools)[number]): Promise<Found> {
  const { stdout, failed, code, shortMessage } = await execa(name, args, { reject: false, timeout: 10_000 });
  if (code === 'ENOENT') return { name, status: 'absent', detail: `not on PATH; it ${use}` };
  if (failed) return { name, status: 'unusable', detail: `${shortMessage}; it ${use}` };
  return { name, status: 'found', detail: `${stdout.split('\n')[0]}; it ${use}` };
}

function row({ name, status, detail }: Found): string {
  return `  ${name.padEnd(10)} ${status.padEnd(9)} ${detail}`;
}
