import { terraformProvisioner } from 'vaultproof';

/** Run as a process of its own: applies the configuration in its first argument, and prints the folder when it begins. */
const { configuration } = JSON.parse(process.argv[2] ?? '') as { configuration: unknown };
const terraform = terraformProvisioner({
  allowProvisioners: ['local-exec'],
  report: (line) => {
    if (!line.includes(': Creating')) return;
    void terraform.folder('demo').then((folder) => process.stdout.write(`${JSON.stringify({ folder })}\n`));
  },
});
await terraform.apply('demo', configuration);
