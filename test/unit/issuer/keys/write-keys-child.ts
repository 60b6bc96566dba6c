import { generateSigningKey } from 'vaultproof/issuer';
import { rotateKey, writeKey } from 'vaultproof/issuer/keys';

/** Run as a process of its own: writes keys to a folder and rotates one that others rotate, too. */
const { folder, name, count } = JSON.parse(process.argv[2] ?? '') as { folder: string; name: string; count: number };
const kids: string[] = [];
const rotated: string[] = [];
for (let at = 0; at < count; at += 1) {
  const key = await generateSigningKey();
  await writeKey(folder, `${name}-${at}`, key);
  kids.push(key.kid);
  rotated.push((await rotateKey(folder, 'shared')).kid);
}
process.stdout.write(`${JSON.stringify({ kids, rotated })}\n`);
