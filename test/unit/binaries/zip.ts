import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of an archive. */
export interface ZipEntry {
  /** Written as it is, "../" and all. */
  readonly name: string;
  readonly content: Uint8Array | string;
  /** Unix mode; a regular file of mode 0755 by default. */
  readonly mode?: number;
  /** Length to claim in place of the true one. */
  readonly claimedSize?: number;
  /** Whether it is compressed; default false. */
  readonly deflated?: boolean;
}

/** The bytes of a zip archive (PKWARE APPNOTE 4.3), with any names and modes, which no honest writer would allow. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100755, claimedSize, deflated = false } of entries) {
    const plain = Buffer.from(content);
    const bytes = deflated ? deflateRawSync(plain) : plain;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(deflated ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(plain), 10);
    fields.writeUInt32LE(bytes.length, 14);
    fields.writeUInt32LE(claimedSize ?? plain.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), bytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    // "Made by" Unix, so that the mode counts.
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), fields, tail, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}
