import * as fs from 'node:fs';
import type { ProcessIdentity } from '../../domain/attempt.ts';
import type { AttemptRef } from '../../ports/supervisor.ts';
import { readClaim } from './claim.ts';
import type { Folders } from './folders.ts';
import { exists, lifeOf } from './identity.ts';

/** The safety net under notifications that get lost (ms). */
const POLL = 2_000;
/** Every so many polls a pid alone is not trusted. */
const THOROUGH = 8;

interface Watched {
  ref: AttemptRef;
  folder: string;
  process: ProcessIdentity | null;
  watcher: fs.FSWatcher | null;
}

/** Notices claims and ends that no launcher tells of. One timer for all, none while nothing is watched. */
export class Watching {
  readonly #folders: Folders;
  readonly #hint: (ref: AttemptRef) => void;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;
  #polls = 0;

  constructor(folders: Folders, hint: (ref: AttemptRef) => void) {
    this.#folders = folders;
    this.#hint = hint;
  }

  /** `notified`: ask the file system too, because no launcher of ours knows this attempt. */
  add(ref: AttemptRef, notified: boolean): void {
    const folder = this.#folders.attempt(ref);
    const watched = this.#watched.get(folder) ?? { ref, folder, process: null, watcher: null };
    if (notified) watched.watcher ??= this.#notify(watched);
    this.#watched.set(folder, watched);
    this.#timer ??= setInterval(() => this.#poll(), POLL).unref();
  }

  remove(ref: AttemptRef): void {
    const folder = this.#folders.attempt(ref);
    this.#watched.get(folder)?.watcher?.close();
    this.#watched.delete(folder);
    if (this.#watched.size === 0) this.#stop();
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher?.close();
    this.#watched.clear();
    this.#stop();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** `run` is changed by the wrapper as its last act, and by nobody before. */
  #notify({ ref, folder }: Watched): fs.FSWatcher | null {
    try {
      const watcher = fs.watch(`${folder}/run`, { persistent: false }, () => this.#hint(ref));
      watcher.on('error', () => watcher.close());
      // What happened before the watch began would otherwise wait for the poll.
      if (fs.existsSync(`${folder}/exit`)) queueMicrotask(() => this.#hint(ref));
      return watcher;
    } catch {
      return null;
    }
  }

  #poll(): void {
    this.#polls += 1;
    const isThorough = this.#polls % THOROUGH === 0;
    for (const watched of this.#watched.values())
      if (this.#isNews(watched, isThorough)) this.#hint(watched.ref);
  }

  /** A claim that was not seen before, or an end. */
  #isNews(watched: Watched, isThorough: boolean): boolean {
    if (fs.existsSync(`${watched.folder}/exit`)) return true;
    if (watched.process === null) {
      const claim = readClaim(watched.folder);
      if (claim.kind === 'held') watched.process = claim.process;
      return claim.kind !== 'none';
    }
    return isThorough ? lifeOf(watched.process) !== 'alive' : !exists(watched.process.pid);
  }
}
