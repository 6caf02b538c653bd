const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80;

/** Bytes at the front that end a character begun before; 0..3. */
export function strayFront(bytes: Uint8Array): number {
  let stray = 0;
  while (stray < 3 && isContinuation(bytes[stray])) stray += 1;
  return stray === 3 && isContinuation(bytes[3]) ? 0 : stray;
}

/** Bytes at the end that begin a character which goes on after them; 0..3. */
export function strayEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** The text of a part of a stream, without the halves of characters at its edges. */
export function textFrom(bytes: Buffer, cutFront: boolean): string {
  return bytes.toString('utf8', cutFront ? strayFront(bytes) : 0, bytes.length - strayEnd(bytes));
}
