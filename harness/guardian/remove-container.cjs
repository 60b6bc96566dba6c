// Removes a container by the Docker API: its name, the address of the API as DOCKER_HOST has it, and the folder of
// certificates where that is HTTPS, empty otherwise. Ends with 1 where there is no such container, and with 2 where nothing
// answers, at the latest after the limit in milliseconds, 30 s by default: a busy Docker takes seconds.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [name, address, certPath, limitMs = '30000'] = process.argv.slice(2);
const socket = 'unix://';
const https = Boolean(certPath);
const { hostname, port } = new URL(address);
const place = address.startsWith(socket)
  ? { socketPath: address.slice(socket.length) }
  : { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port || (https ? 2376 : 2375) };
const [ca, cert, key] = https
  ? ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(join(certPath, file)))
  : [];
const request = require(https ? 'node:https' : 'node:http').request({
  ...place,
  ...(https && { ca, cert, key }),
  method: 'DELETE',
  path: `/containers/${name}?force=1&v=1`,
});
request.on('response', ({ statusCode }) => process.exit(statusCode === 404 ? 1 : 0));
request.on('error', () => process.exit(2));
setTimeout(() => process.exit(2), Number(limitMs));
request.end();
