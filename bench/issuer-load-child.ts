import { connect } from 'node:net';

// Run by issuer-servers.ts: asks the same thing over a few connections that are kept, on loopback, for so many
// milliseconds or until so many answers are there, whichever is first, and prints the answers per second. It reads no
// more of an answer than it must, so that the server is what is busy.
const [url = '', body = '', milliseconds = '', count = ''] = process.argv.slice(2);
const CONNECTIONS = 8;
const { hostname, port, pathname, host } = new URL(url);
const form = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n`;
const head = `${body === '' ? 'GET' : 'POST'} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n`;
const request = `${head}${body === '' ? '' : form}\r\n${body}`;

const wanted = Number(count);
const begin = performance.now();
const end = begin + Number(milliseconds);
let asked = 0;
let answered = 0;

function ask(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let pending = '';
    const next = (): void => {
      if (asked >= wanted || performance.now() >= end) {
        socket.destroy();
        resolve();
        return;
      }
      asked += 1;
      socket.write(request);
    };
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('connect', next);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk: string) => {
      pending += chunk;
      const headers = pending.indexOf('\r\n\r\n');
      if (headers < 0) return;
      const [, length] = /\r\ncontent-length: (\d+)/i.exec(pending) ?? [];
      if (!pending.startsWith('HTTP/1.1 200 ') || length === undefined) {
        reject(new Error(`the server answered ${pending.slice(0, 200)}`));
        socket.destroy();
        return;
      }
      if (pending.length < headers + 4 + Number(length)) return;
      pending = '';
      answered += 1;
      next();
    });
  });
}

await Promise.all(Array.from({ length: CONNECTIONS }, ask));
process.stdout.write(`${(answered / (performance.now() - begin)) * 1000}\n`);
