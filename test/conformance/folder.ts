import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for one database. */
export interface Folder {
  /** Where the database goes. */
  path: string;
  remove: () => void;
}

export function newFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'tend-store-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { path: join(folder, 'tend.db'), remove };
}
