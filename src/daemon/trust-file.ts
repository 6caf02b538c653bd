import { createHash } from 'node:crypto';
import * as fs from 'node:fs';

/** Of the text of a project's configuration, as the person saw it. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Which configurations of projects the person trusts: the hash of each by the root of its repository. The file is the
 * daemon's alone.
 */
export class TrustFile {
  readonly #path: string | null;
  readonly #hashes: Map<string, string>;

  /** `path` null = nothing is kept. */
  constructor(path: string | null) {
    this.#path = path;
    this.#hashes = new Map(path === null ? [] : Object.entries(read(path)));
  }

  /** Whoever trusts nothing need not look for projects. */
  get isEmpty(): boolean {
    return this.#hashes.size === 0;
  }

  /** What was trusted, the root first. */
  get all(): ReadonlyMap<string, string> {
    return this.#hashes;
  }

  trusts(root: string, hash: string): boolean {
    return this.#hashes.get(root) === hash;
  }

  /** Durable before it holds; `hash` null = no more. */
  set(root: string, hash: string | null): void {
    const hashes = new Map(this.#hashes);
    if (hash === null) hashes.delete(root);
    else hashes.set(root, hash);
    if (this.#path !== null) write(this.#path, Object.fromEntries(hashes));
    if (hash === null) this.#hashes.delete(root);
    else this.#hashes.set(root, hash);
  }
}

/** What cannot be read trusts nobody. */
function read(path: string): Record<string, string> {
  try {
    const { mode, uid } = fs.lstatSync(path);
    const isOwn = process.getuid === undefined || uid === process.getuid();
    if (!isOwn || (mode & 0o022) !== 0) return {};
    const found: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(
      Object.entries(found).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    );
  } catch {
    return {};
  }
}

function write(path: string, hashes: Record<string, string>): void {
  const draft = `${path}.new`;
  fs.rmSync(draft, { force: true });
  const file = fs.openSync(draft, 'wx', 0o600);
  try {
    fs.writeFileSync(file, `${JSON.stringify(hashes, null, 2)}\n`);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
  fs.renameSync(draft, path);
}
