import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hint } from '../internal/did-you-mean.js';
import { access } from './access.js';
import { bothReady } from './both-ready.js';
import { consulLogins } from './consul-logins.js';
import { consulWatch } from './consul-watch.js';
import { directApply } from './direct-apply.js';
import { directHcl } from './direct-hcl.js';
import { directRoles } from './direct-roles.js';
import { dockerStart } from './docker-start.js';
import { firstSecret } from './first-secret.js';
import { impersonate } from './impersonate.js';
import { importCost } from './import-cost.js';
import { issuerJwks } from './issuer-jwks.js';
import { issuerMemory } from './issuer-memory.js';
import { issuerSign } from './issuer-sign.js';
import { issuerStart } from './issuer-start.js';
import { issuerTokenEndpoint } from './issuer-token-endpoint.js';
import { manyTests } from './many-tests.js';
import { type Measurement, SkippedMeasurement } from './measurement.js';
import { memory } from './memory.js';
import { type ComparisonResult, comparePaired } from './paired-rounds.js';
import { pool } from './pool.js';
import { type MeasurementReport, table, writeJson } from './report.js';
import { synth } from './synth.js';
import { terraformApply } from './terraform-apply.js';
import { vaultServers } from './vault-servers.js';

const measurements = [
  firstSecret,
  bothReady,
  vaultServers,
  impersonate,
  consulLogins,
  directApply,
  directRoles,
  directHcl,
  synth,
  pool,
  manyTests,
  terraformApply,
  dockerStart,
  memory,
  importCost,
  issuerJwks,
  issuerSign,
  issuerTokenEndpoint,
  issuerStart,
  issuerMemory,
  consulWatch,
  access,
];
/** Beside the folder that this was compiled to, see index.ts. */
const LATEST = fileURLToPath(new URL('../../latest.json', import.meta.url));

const usage = `npm run bench -- [--rounds N] [--only NAME]... [--tests N] [--json FILE] [--budgets]
  --rounds N   rounds of each comparison, default 40
  --only NAME  one of ${measurements.map(({ name }) => name).join(', ')}; may be given again
  --tests N    how many tests a run of "many-tests" has, default 1000
  --json FILE  a copy of bench/results/latest.json
  --budgets    ends with 1 where a budget is broken, or a target without one is missed, too
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    only: { type: 'string', multiple: true, default: [] },
    tests: { type: 'string', default: '1000' },
    json: { type: 'string' },
    budgets: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const rounds = Number(values.rounds);
const tests = Number(values.tests);
const names = measurements.map(({ name }) => name);
const unknown = values.only.find((name) => !names.includes(name));
const counts = { rounds, tests };
const notCounted = Object.entries(counts).find(([, count]) => !Number.isInteger(count) || count < 1);

if (values.help) {
  process.stdout.write(usage);
} else if (unknown !== undefined || notCounted !== undefined) {
  const wrong =
    unknown === undefined
      ? `"--${notCounted?.[0]}" must be a whole number from 1`
      : `unknown measurement "${unknown}": ${hint(unknown, names)}`;
  process.stderr.write(`${wrong}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const reports: MeasurementReport[] = [];
  for (const measurement of measurements) {
    if (values.only.length > 0 && !values.only.includes(measurement.name)) continue;
    process.stderr.write(`${measurement.name} ...\n`);
    reports.push(await run(measurement));
  }
  process.stdout.write(table(reports));
  await writeJson(values.json === undefined ? [LATEST] : [LATEST, values.json], reports);
  // A missed target is a fact to look at, by default; a measurement that could not run is a failure.
  const isBroken = ({ budgets, met }: ComparisonResult): boolean =>
    budgets.length > 0 ? budgets.some((budget) => !budget.met) : met === false;
  const broken = values.budgets && reports.some(({ comparisons }) => comparisons.some(isBroken));
  process.exitCode = broken || reports.some(({ status }) => status === 'failed') ? 1 : 0;
}

async function run({ name, prepare }: Measurement): Promise<MeasurementReport> {
  const comparisons: ComparisonResult[] = [];
  try {
    await using prepared = await prepare({ tests });
    for (const comparison of prepared.comparisons) comparisons.push(await comparePaired(comparison, rounds));
    return { name, status: 'measured', comparisons, notes: prepared.notes() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      name,
      status: error instanceof SkippedMeasurement ? 'skipped' : 'failed',
      reason,
      comparisons,
      notes: [],
    };
  }
}
