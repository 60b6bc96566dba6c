import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileLines } from '../../../harness/engines/log-lines.js';
import { type AuditLog, createAuditLog } from '../../../harness/servers/audit-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

interface LogFile {
  readonly path: string;
  /** Where each reading began. */
  readonly positions: number[];
}

/** The audit log in the logs of some nodes. */
async function auditLogIn(nodes: number): Promise<{ auditLog: AuditLog; files: readonly [LogFile, ...LogFile[]] }> {
  const folder = await temporaryFolder();
  const files = Array.from({ length: nodes }, (_, node) => ({ path: join(folder, `${node}.log`), positions: [] }));
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const logs = files.map(({ path, positions }: LogFile) => ({
    linesFrom: (position: number) => {
      positions.push(position);
      return fileLines(path, position);
    },
  }));
  return { auditLog: createAuditLog(true, logs, stopping.signal), files: files as unknown as [LogFile, ...LogFile[]] };
}

const entry = (id: string, time: string): string =>
  `${JSON.stringify({ time: `2026-11-30T00:00:${time}Z`, type: 'request', request: { id, path: 'kv/tür' } })}\n`;

test('an entry that was written in two parts is found once the second is there', async () => {
  const { auditLog, files } = await auditLogIn(1);
  const [{ path }] = files;
  const written = Buffer.from(entry('a', '01'));
  const middle = written.indexOf('ü') + 1;
  await appendFile(path, '2026-11-30T00:00:00Z [WARN] core: no entry\n');
  await appendFile(path, written.subarray(0, middle));
  const waited = auditLog.waitFor({ request: { path: 'kv/tür' } });
  await expect(auditLog.waitFor(() => true, { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'audit_entry_not_found',
  });
  expect(await auditLog()).toEqual([]);
  await appendFile(path, written.subarray(middle));
  expect(await waited).toMatchObject({ request: { id: 'a' } });
});

test('what was read is not read again while an entry is waited for', async () => {
  const { auditLog, files } = await auditLogIn(1);
  const [{ path, positions }] = files;
  await appendFile(path, entry('a', '01'));
  const waited = auditLog.waitFor({ request: { id: 'c' } });
  const size = Buffer.byteLength(entry('a', '01'));
  while (positions.at(-1) !== size) await new Promise(setImmediate);
  await appendFile(path, entry('b', '02'));
  while (positions.at(-1) !== 2 * size) await new Promise(setImmediate);
  await appendFile(path, entry('c', '03'));
  expect(await waited).toMatchObject({ request: { id: 'c' } });
  expect([...new Set(positions)]).toEqual([0, size, 2 * size]);
});

test('the entries of several nodes come in the order of their times, each once', async () => {
  const { auditLog, files } = await auditLogIn(2);
  const [{ path: first }, second] = files;
  await appendFile(first, entry('b', '02.1') + entry('d', '04'));
  await appendFile(second?.path ?? '', entry('a', '01') + entry('c', '02.15'));
  const idsOf = (entries: readonly { readonly request: { readonly id: string } }[]): string[] =>
    entries.map(({ request }) => request.id);
  const before = await auditLog();
  expect(idsOf(before)).toEqual(['a', 'b', 'c', 'd']);
  const seen: string[] = [];
  for await (const { request } of auditLog) {
    seen.push(request.id);
    if (request.id === 'd') await appendFile(second?.path ?? '', entry('e', '05'));
    if (request.id === 'e') break;
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await auditLog.waitFor(() => true, { after: before })).toMatchObject({ request: { id: 'e' } });
});
