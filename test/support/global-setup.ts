import { prepareServers } from 'vaultproof';

/** Has both servers at hand before the first test, whichever engine the tests choose. */
export async function setup(): Promise<void> {
  const report = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  await prepareServers({ vault: true, consul: true, report });
}
