/**
 * Applies every case in scripts/provider-cases/ with Terraform and the real provider to fresh servers, through a
 * recording proxy, and writes what was sent and what the servers have then to test/fixtures/provider/. Run it by hand
 * where the providers can be had: `tsx scripts/record-provider.ts [part of <type>/<case> ...]`. TF_CLI_CONFIG_FILE is
 * passed on. `npx biome check --write test/fixtures` puts the files in shape.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startConsul } from '../harness/start-consul.js';
import { startVault } from '../harness/start-vault.js';
import { startDocumentServer } from '../test/support/document-server.js';
import {
  asksForConsul,
  type FixtureStep,
  fillIn,
  normalise,
  type ProviderFixture,
  readState,
  type SentRequest,
} from '../test/support/provider-fixture.js';
import { startUnbootstrappedConsul } from '../test/support/unbootstrapped-consul.js';
import { allCases } from './provider-cases/all-cases.js';
import type { ProviderCase } from './provider-cases/provider-case.js';
import { startRecordingProxy } from './recording-proxy.js';
import { type TerraformRunner, terraformRunner } from './terraform-runner.js';

const FOLDER = fileURLToPath(new URL('../test/fixtures/provider', import.meta.url));
const wanted = process.argv.slice(2);
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const runners = new Map<string, TerraformRunner>();
try {
  for (const [type, cases] of allCases) {
    for (const providerCase of cases) {
      const name = `${type}/${providerCase.name}`;
      if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
      log(name);
      const server = /^(?:data\.)?consul_/.test(type) ? 'consul' : 'vault';
      const terraform = runners.get(server) ?? (await terraformRunner(server, log));
      runners.set(server, terraform);
      const path = join(FOLDER, `${name}.json`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(await record(providerCase, server, terraform), null, 2)}\n`);
    }
  }
} finally {
  for (const runner of runners.values()) runner.stop();
}

async function record(
  { read, steps, before = [], product }: ProviderCase,
  server: 'vault' | 'consul',
  terraform: TerraformRunner,
): Promise<ProviderFixture> {
  const documents = await startDocumentServer();
  const vault = server === 'vault' ? await startVault({ engine: 'process', ...(product && { product }) }) : undefined;
  const started = vault ?? (await startConsul({ engine: 'process' }));
  const proxy = await startRecordingProxy(started.address);
  const consul = asksForConsul(steps) ? await startUnbootstrappedConsul(started) : undefined;
  const values = { issuer: documents.url, secret: randomUUID(), consul: consul?.address };
  try {
    terraform.forget();
    for (const { method, path, body } of before) await vault?.request(method, path, body);
    const recorded: FixtureStep[] = [];
    // What is no longer declared is removed: the last step of every case.
    for (const config of [...steps, {}]) {
      const outputs = await terraform.apply(fillIn(config, values), proxy.address, started.token);
      recorded.push({
        config,
        ...(outputs === undefined && { refused: true as const }),
        requests: proxy.taken().map((sent) => normalise(sent, values) as SentRequest),
        outputs: normalise(outputs ?? {}, values) as FixtureStep['outputs'],
        state: await readState(started, read, values),
      });
    }
    return { provider: terraform.provider, server: `${product ?? server} ${started.version}`, before, steps: recorded };
  } finally {
    proxy.stop();
    documents.stop();
    await consul?.stop();
    await started.stop();
  }
}
