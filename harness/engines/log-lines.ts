import { open } from 'node:fs/promises';

/** A part of a log: whole lines, and where the next part begins. */
export interface LogLines {
  readonly lines: readonly string[];
  /** Where the first line begins that had not ended. */
  readonly next: number;
}

const LINE_END = 0x0a;

/**
 * The lines of a file that have ended.
 * @param from a byte of the file, at the beginning of a line
 * @returns none where there is no such file
 */
export async function fileLines(path: string, from: number): Promise<LogLines> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - from)), 0, null, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(LINE_END) + 1;
    return { lines: linesOf(buffer.toString('utf8', 0, end)), next: from + end };
  } catch {
    return { lines: [], next: from };
  }
}

/**
 * The lines of a text that have ended.
 * @param from a character, at the beginning of a line
 */
export function textLines(text: string, from: number): LogLines {
  const end = Math.max(from, text.lastIndexOf('\n') + 1);
  return { lines: linesOf(text.slice(from, end)), next: end };
}

/** @param text ends with a line's end, where there is one */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.slice(0, -1).split('\n');
}
