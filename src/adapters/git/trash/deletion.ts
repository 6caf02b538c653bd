import { chmod, lstat, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TendError } from '../../../domain/errors.ts';
import { isCode } from '../beside.ts';

/**
 * Deletes a folder that lies right in `home`, which lies below `state`; nothing when it is not there. Throws TendError
 * `state_unsafe` for anything else: a link on the way, a file, a path that leads out.
 */
export async function deleteFolder(state: string, home: string, name: string): Promise<void> {
  const path = join(home, name);
  if (name === '' || dirname(path) !== home || !home.startsWith(`${state}/`)) unsafe(path);
  const found = await lstat(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (found === null) return;
  const expected = join(await realpath(state), path.slice(state.length));
  if (!found.isDirectory() || (await realpath(path)) !== expected) unsafe(path);
  try {
    await rm(path, { recursive: true, maxRetries: 3 });
  } catch (error) {
    if (!isCode(error, 'EACCES', 'EPERM')) throw error;
    await openUp(path);
    await rm(path, { recursive: true, maxRetries: 3 });
  }
}

function unsafe(path: string): never {
  throw new TendError(
    'state_unsafe',
    `${path} is no folder that may be deleted.`,
    'Nothing was touched. Look at the state folder; `tend doctor` explains what belongs there.',
  );
}

/** Some tools take the right to write away from their own folders. Links are not followed. */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' }))
    if (entry.isDirectory())
      await openUpRaw(Buffer.concat([Buffer.from(`${folder}/`), entry.name]));
}

async function openUpRaw(folder: Buffer): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' }))
    if (entry.isDirectory()) await openUpRaw(Buffer.concat([folder, Buffer.from('/'), entry.name]));
}
