import { defineCommand } from 'citty';
import { VaultproofError } from '../errors/index.js';
import {
  defaultVersions,
  floorVersions,
  type Product,
  products,
  type Service,
  surveyExecutables,
} from '../harness/binaries/index.js';
import { decideEngine, findDocker, standInNote } from '../harness/engines/index.js';
import { runGuarded } from '../harness/guardian/index.js';
import { exitCodes } from './exit.js';
import { print } from './output.js';

const services: readonly Service[] = ['vault', 'consul'];
const tools = [
  { name: 'terraform', args: ['version'], use: 'deploys the stacks' },
  { name: 'tofu', args: ['version'], use: 'deploys the stacks' },
  { name: 'go', args: ['version'], use: 'builds an executable where none can be found or downloaded' },
] as const;

const marks = { found: 'green', absent: 'dim', unusable: 'yellow' } as const;

/** One thing that was looked for. */
interface Found {
  readonly name: string;
  readonly status: 'found' | 'absent' | 'unusable';
  readonly detail: string;
}

/** `vaultproof doctor`: what was found, and what will be used. */
export const doctor = defineCommand({
  meta: { name: 'doctor' },
  args: { json: { type: 'boolean', description: 'Print one JSON object' } },
  run: async ({ args }) => {
    const [docker, others, ...surveys] = await Promise.all([
      lookForDocker(),
      Promise.all(tools.map(lookForTool)),
      ...products.map(async (product) => ({ product, sources: await surveyExecutables(product) })),
    ]);
    const servers = await Promise.all(
      services.map(async (service) => ({ product: service, willUse: await foresee(service, surveys) })),
    );
    const openbao = await foresee('vault', surveys, 'openbao');
    const isReady = servers.every(({ willUse }) => willUse.status === 'found');
    process.exitCode = isReady ? exitCodes.done : exitCodes.noEnvironment;
    if (args.json === true) {
      print(JSON.stringify({ docker, tools: others, servers: servers.map((server) => described(server, surveys)) }));
    } else {
      for (const finding of [docker, ...others]) print(row(finding), marks[finding.status]);
      for (const { product, sources } of surveys) {
        print('');
        print(`${product}, supported from ${floorVersions[product]}, tested on ${defaultVersions[product]}`);
        for (const { source, ...finding } of sources) {
          print(row({ name: source, ...finding }), marks[finding.status]);
        }
        const server = servers.find((one) => one.product === product);
        if (server) print(`  will use ${server.willUse.detail}`);
        if (product === 'openbao') print(`  with VAULTPROOF_VAULT_PRODUCT=openbao will use ${openbao.detail}`);
      }
    }
  },
});

interface Server {
  readonly product: Service;
  readonly willUse: Found;
}

/** A server as `--json` has it: what may serve as a vault is Vault or OpenBao, and each source says which. */
function described({ product: service, willUse }: Server, surveys: readonly Survey[]) {
  const sources = surveys
    .filter(({ product }) => (product === 'consul') === (service === 'consul'))
    .flatMap(({ product, sources: found }) =>
      found.map(({ source, status, detail }) => ({ product, name: source, status, detail })),
    );
  return { product: service, sources, willUse };
}

interface Survey {
  readonly product: Product;
  readonly sources: Awaited<ReturnType<typeof surveyExecutables>>;
}

/** Says what a start would take, from the same decision that a start makes. */
async function foresee(service: Service, surveys: readonly Survey[], only?: 'openbao'): Promise<Found> {
  try {
    const decision = await decideEngine(service, { product: only });
    if (decision.engine !== undefined) return { name: service, status: 'found', detail: decision.reason };
    const { product, standIn, asked, reason } = decision;
    const offers = surveys.flatMap((survey) =>
      survey.sources.filter(({ status }) => status === 'found').map((source) => ({ ...survey, ...source })),
    );
    const offer =
      offers.find((one) => one.product === product && one.source !== 'go-module') ??
      offers.find((one) => one.product === standIn) ??
      offers.find((one) => one.product === product);
    if (asked === 'docker') return { name: service, status: 'found', detail: `docker: ${reason}, to be pulled` };
    if (offer === undefined) return { name: service, status: 'absent', detail: `nothing: ${reason}` };
    const standsIn = offer.product === product ? '' : `; ${standInNote}`;
    const detail = `process: ${offer.product} from ${offer.source}, ${offer.detail}; ${reason}${standsIn}`;
    return { name: service, status: 'found', detail };
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return { name: service, status: 'unusable', detail: error.message };
  }
}

async function lookForDocker(): Promise<Found> {
  return findDocker().then(
    ({ version, host, foundBy, place: { note } }) => {
      const detail = `${version} at ${host}, by ${foundBy}${note === undefined ? '' : `; ${note}`}`;
      return { name: 'docker', status: 'found', detail };
    },
    (error: unknown) => {
      // An engine that answers is not absent, whatever else is missing.
      const isThere = error instanceof VaultproofError && error.details['missing'] !== undefined;
      const detail = error instanceof Error ? error.message : String(error);
      return { name: 'docker', status: isThere ? 'unusable' : 'absent', detail };
    },
  );
}

async function lookForTool({ name, args, use }: (typeof tools)[number]): Promise<Found> {
  const { exitCode, trouble, missing, stdout } = await runGuarded({
    path: name,
    args,
    cwd: process.cwd(),
    env: process.env,
    limitMs: 10_000,
  });
  if (missing) return { name, status: 'absent', detail: `not on PATH; it ${use}` };
  if (exitCode !== 0) {
    const reason = trouble ?? `failed with exit code ${exitCode}`;
    return { name, status: 'unusable', detail: `"${name} ${args.join(' ')}" ${reason}; it ${use}` };
  }
  return { name, status: 'found', detail: `${stdout.split('\n')[0]}; it ${use}` };
}

function row({ name, status, detail }: Found): string {
  return `  ${name.padEnd(10)} ${status.padEnd(9)} ${detail}`;
}
