import { openConsulUsers } from '../../../../issuer/users/index.js';

// Adds the users that its arguments name, all at once. It closes nothing: an open store keeps no process alive.
const [address = '', key = '', prefix = '', count = ''] = process.argv.slice(2);
const users = await openConsulUsers({ address, key, token: process.env['TOKEN'] ?? '' });
const names = Array.from({ length: Number(count) }, (_, index) => `${prefix}${index}`);
await Promise.all(names.map((name) => users.update(name, () => ({ key: name }))));
