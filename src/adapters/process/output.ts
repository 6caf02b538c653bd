import * as fs from 'node:fs';
import { type Chunk, type Mark, type Output, type Stream, STREAMS } from '../../ports/output.ts';
import type { AttemptRef } from '../../ports/supervisor.ts';
import { Folders, isCode } from './folders.ts';
import { addMark, readMarks } from './marks.ts';
import { AGENT_FOLDER } from './run.ts';
import { openToRead } from './records.ts';
import { cutMark, measure } from './summary.ts';
import { strayFront } from './utf8.ts';

const { O_RDONLY, O_NOFOLLOW, O_WRONLY, O_CREAT, O_TRUNC } = fs.constants;
/** Copied at a time, bytes. */
const PORTION = 1 << 20;
/** A kept end begins at a line start when one is this near, bytes. */
const NEAR = 64 * 1024;
/** Read on this thread, bytes: what was just written is in memory, and to hand it to another one takes ten times as long. */
const AT_ONCE = 64 * 1024;
/** Under a notification that gets lost (ms). */
const POLL = 1_000;

/** Streams as the commands wrote them; a link is never followed. */
export class FileOutput implements Output {
  readonly #folders: Folders;
  readonly #state: string;

  constructor(state: string) {
    this.#state = state;
    this.#folders = new Folders(state);
  }

  path(ref: AttemptRef, stream: Stream): string {
    return `${this.#folders.attempt(ref)}/${stream}`;
  }

  async read(ref: AttemptRef, stream: Stream, offset: number, limit: number): Promise<Chunk> {
    const path = this.path(ref, stream);
    const size = fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const from = Math.max(0, Math.min(offset, size));
    const length = Math.min(limit, size - from);
    const data =
      length <= AT_ONCE ? readNow(path, from, length) : await readLong(path, from, length);
    return { offset: from, nextOffset: from + data.length, size, data };
  }

  async tail(ref: AttemptRef, stream: Stream, bytes: number): Promise<Chunk> {
    return withFile(this.path(ref, stream), async (file, size) => {
      const from = Math.max(0, size - bytes);
      const read = await readAt(file, from, size - from);
      const stray = from === 0 ? 0 : strayFront(read);
      const data = read.subarray(stray);
      return { offset: from + stray, nextOffset: from + read.length, size, data };
    });
  }

  async size(ref: AttemptRef, stream: Stream): Promise<number> {
    return measure(this.#folders.attempt(ref), stream)?.bytes ?? 0;
  }

  async trim(ref: AttemptRef, stream: Stream, keep: number): Promise<boolean> {
    const path = this.path(ref, stream);
    const file = await openFile(path);
    if (file === null) return false;
    const draft = `${path}.trimmed`;
    try {
      const { size } = await file.stat();
      if (size <= keep) return false;
      await copyFrom(file, await startOfKept(file, size - keep), size, draft);
      // The mark first: were it second, a crash between would pass off the end as the whole.
      await fs.promises.writeFile(cutMark(this.#folders.attempt(ref), stream), '', { mode: 0o600 });
      await fs.promises.rename(draft, path);
      return true;
    } finally {
      await file.close();
      await fs.promises.rm(draft, { force: true });
    }
  }

  watch(ref: AttemptRef, stream: Stream, listener: () => void): () => void {
    const folder = this.#folders.attempt(ref);
    let size = -1;
    let watcher: fs.FSWatcher | null = null;
    const look = (): void => {
      const now = measure(folder, stream)?.bytes ?? -1;
      // Before the launch there is no folder to be told of.
      watcher ??= watchFolder(folder, stream, look);
      if (now === size) return;
      size = now;
      listener();
    };
    watcher = watchFolder(folder, stream, look);
    const timer = setInterval(look, POLL).unref();
    return () => {
      clearInterval(timer);
      watcher?.close();
    };
  }

  agentFolder(ref: AttemptRef): string {
    return `${this.#folders.attempt(ref)}/${AGENT_FOLDER}`;
  }

  onGrowth(
    ref: AttemptRef,
    taken: Readonly<Partial<Record<Stream, number>>>,
    listener: () => void,
  ): () => void {
    const folder = this.#folders.attempt(ref);
    const grew = (): boolean =>
      STREAMS.some((stream) => (measure(folder, stream)?.bytes ?? 0) > (taken[stream] ?? Infinity));
    let watcher: fs.FSWatcher | null = null;
    const undo = (): void => {
      watcher?.close();
      watcher = null;
    };
    const tell = (): void => {
      if (watcher === null || !grew()) return;
      undo();
      listener();
    };
    watcher = watchFolder(folder, null, tell);
    // What was written before the watch began would otherwise go unnoticed.
    if (grew()) queueMicrotask(tell);
    return undo;
  }

  mark(ref: AttemptRef, at: number, taken: { stdout: number; stderr: number }): Promise<void> {
    return addMark(this.#folders.attempt(ref), { at, ...taken });
  }

  marks(ref: AttemptRef): Promise<Mark[]> {
    return readMarks(this.#folders.attempt(ref));
  }

  async space(): Promise<{ free: number; total: number }> {
    const { bavail, blocks, bsize } = await fs.promises.statfs(this.#state);
    return { free: bavail * bsize, total: blocks * bsize };
  }
}

/** `name` null = any file of the folder. */
function watchFolder(folder: string, name: string | null, look: () => void): fs.FSWatcher | null {
  try {
    const watcher = fs.watch(folder, { persistent: false }, (_, changed) => {
      if (name === null || changed === null || changed === name) look();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

const NOTHING = Buffer.alloc(0);
const EMPTY: Chunk = { offset: 0, nextOffset: 0, size: 0, data: NOTHING };

async function withFile(
  path: string,
  use: (file: fs.promises.FileHandle, size: number) => Promise<Chunk>,
): Promise<Chunk> {
  const file = await openFile(path);
  if (file === null) return EMPTY;
  try {
    return await use(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<fs.promises.FileHandle | null> {
  try {
    return await fs.promises.open(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function readNow(path: string, from: number, length: number): Buffer {
  if (length <= 0) return NOTHING;
  const fd = openToRead(path);
  if (fd === null) return NOTHING;
  try {
    const data = Buffer.allocUnsafe(length);
    return data.subarray(0, fs.readSync(fd, data, 0, length, from));
  } finally {
    fs.closeSync(fd);
  }
}

async function readLong(path: string, from: number, length: number): Promise<Buffer> {
  const file = await openFile(path);
  if (file === null) return NOTHING;
  try {
    return await readAt(file, from, length);
  } finally {
    await file.close();
  }
}

async function readAt(file: fs.promises.FileHandle, from: number, length: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(Math.max(0, length));
  let filled = 0;
  while (filled < data.length) {
    const { bytesRead } = await file.read(data, filled, data.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return data.subarray(0, filled);
}

/** The next line start, or the next character, at or after `least`. */
async function startOfKept(file: fs.promises.FileHandle, least: number): Promise<number> {
  const near = await readAt(file, least - 1, NEAR);
  const newline = near.indexOf(0x0a);
  if (newline !== -1 && newline < near.length - 1) return least + newline;
  return least + strayFront(near.subarray(1));
}

async function copyFrom(
  file: fs.promises.FileHandle,
  from: number,
  to: number,
  target: string,
): Promise<void> {
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  const copy = await fs.promises.open(target, flags, 0o600);
  try {
    // One for all: a hundred of them would stay in memory for a while.
    const portion = Buffer.allocUnsafe(PORTION);
    for (let at = from; at < to;) {
      const { bytesRead } = await file.read(portion, 0, Math.min(PORTION, to - at), at);
      if (bytesRead === 0) return;
      await copy.writeFile(portion.subarray(0, bytesRead));
      at += bytesRead;
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
}
