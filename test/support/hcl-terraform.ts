import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** `terraform console` reads a line of at most 64 KiB. */
const AT_ONCE = 100;

/** What Terraform's console makes of expressions, in a copy of a folder. */
export async function consoleValues(folder: string, expressions: readonly string[]): Promise<unknown[]> {
  return inCopy(folder, async (cwd) => {
    const values: unknown[] = [];
    for (let at = 0; at < expressions.length; at += AT_ONCE) {
      const asked = expressions.slice(at, at + AT_ONCE).join(', ');
      const { stdout } = await execa('terraform', ['console'], {
        cwd,
        input: `base64encode(jsonencode([${asked}]))\n`,
      });
      const [, encoded = ''] = /"([\w+/=]+)"/.exec(stdout) ?? [];
      values.push(...(JSON.parse(Buffer.from(encoded, 'base64').toString()) as unknown[]));
    }
    return values;
  });
}

/** The outputs that Terraform has after an apply, in a copy of a folder. */
export async function terraformOutputs(folder: string): Promise<Record<string, unknown>> {
  return inCopy(folder, async (cwd) => {
    await execa('terraform', ['init', '-input=false'], { cwd });
    await execa('terraform', ['apply', '-auto-approve', '-input=false'], { cwd });
    const { stdout } = await execa('terraform', ['output', '-json'], { cwd });
    const outputs = Object.entries(JSON.parse(stdout) as Record<string, { value: unknown }>);
    return Object.fromEntries(outputs.map(([name, { value }]) => [name, value]));
  });
}

/** Whether Terraform plans a root module of this one file. */
export async function isPlanned(text: string): Promise<boolean> {
  const cwd = await mkdtemp(join(tmpdir(), 'vaultproof-hcl-'));
  try {
    await writeFile(join(cwd, 'main.tf'), text);
    const { exitCode } = await execa('terraform', ['plan', '-input=false', '-lock=false'], { cwd, reject: false });
    return exitCode === 0;
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

async function inCopy<Result>(folder: string, work: (copy: string) => Promise<Result>): Promise<Result> {
  const parent = await mkdtemp(join(tmpdir(), 'vaultproof-hcl-'));
  try {
    const copy = join(parent, 'module');
    await cp(folder, copy, { recursive: true });
    return await work(copy);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
