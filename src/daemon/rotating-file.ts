import * as fs from 'node:fs';
import { dirname } from 'node:path';

export interface RotatingFile {
  /** Appends one line, its break included; never throws. */
  write(line: string): void;
  close(): void;
}

export interface Rotation {
  /** Bytes after which the file is put aside. */
  maxBytes: number;
  /** Files kept, the current one included. */
  files: number;
  /** Writes this before the next line that gets through after `dropped` ones did not. */
  dropNote: (dropped: number) => string;
}

/** `log` → `log.1` → `log.2` …: mode 0600, recreated when somebody deletes it, whole lines or none. */
export function rotatingFile(path: string, { maxBytes, files, dropNote }: Rotation): RotatingFile {
  let descriptor: number | null = null;
  let inode = 0;
  let dropped = 0;

  const close = (): void => {
    if (descriptor !== null) fs.closeSync(descriptor);
    descriptor = null;
  };
  const open = (): number => {
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    descriptor = fs.openSync(path, flags, 0o600);
    fs.fchmodSync(descriptor, 0o600);
    inode = fs.fstatSync(descriptor).ino;
    return descriptor;
  };
  const rotate = (): void => {
    close();
    for (let number = files - 1; number > 0; number--) {
      const older = number === 1 ? path : `${path}.${number - 1}`;
      if (fs.existsSync(older)) fs.renameSync(older, `${path}.${number}`);
    }
  };
  const append = (line: string): void => {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    const size = found?.ino === inode ? found.size : 0;
    if (descriptor !== null && found?.ino !== inode) close();
    if (size > 0 && size + Buffer.byteLength(line) > maxBytes) rotate();
    writeWhole(descriptor ?? open(), line);
  };
  const write = (line: string): void => {
    try {
      if (dropped > 0) append(dropNote(dropped));
      dropped = 0;
      append(line);
    } catch {
      dropped++; // told as soon as a line gets through
    }
  };
  return { write, close };
}

/** A disk that fills up in the middle of a line must not leave half of it. */
function writeWhole(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  const before = fs.fstatSync(descriptor).size;
  let written = 0;
  try {
    while (written < bytes.length) written += fs.writeSync(descriptor, bytes, written);
  } catch (error) {
    if (written > 0) fs.ftruncateSync(descriptor, before);
    throw error;
  }
}
