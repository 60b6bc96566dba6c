import { createServer } from 'node:net';
import { startVaultCluster } from 'vaultproof';

/** Run as a process of its own: starts a cluster, pauses a node, prints the addresses as one line of JSON, and waits. */
const cluster = await startVaultCluster(JSON.parse(process.argv[2] ?? ''));
await cluster.nodes[2]?.pause();
process.stdout.write(`${JSON.stringify({ addresses: cluster.nodes.map(({ address }) => address) })}\n`);
// Something has to keep the process alive, since the cluster doesn't.
createServer().listen(0, '127.0.0.1');
