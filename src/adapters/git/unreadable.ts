import * as fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const { R_OK, X_OK } = fs.constants;

/**
 * Makes readable whatever its owner cannot read below a folder; answers what gives everything its old mode back. What
 * belongs to others stays as it is.
 */
export async function makeReadable(root: string): Promise<() => void> {
  const changed: [path: string, mode: number][] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name === '.git' || !(entry.isFile() || entry.isDirectory())) continue;
      if (!isReadable(path, entry.isDirectory())) letIn(path, entry.isDirectory(), changed);
      if (entry.isDirectory()) open.push(path);
    }
  }
  return () => {
    for (const [path, mode] of changed.toReversed()) chmod(path, mode);
  };
}

function letIn(path: string, isFolder: boolean, changed: [path: string, mode: number][]): void {
  const { mode } = fs.lstatSync(path);
  if (chmod(path, mode | (isFolder ? 0o500 : 0o400))) changed.push([path, mode & 0o7777]);
}

function isReadable(path: string, isFolder: boolean): boolean {
  try {
    fs.accessSync(path, isFolder ? R_OK | X_OK : R_OK);
    return true;
  } catch {
    return false;
  }
}

function chmod(path: string, mode: number): boolean {
  try {
    fs.chmodSync(path, mode & 0o7777);
    return true;
  } catch {
    return false;
  }
}
