import { readdir, readFile, readlink } from 'node:fs/promises';

const PROC = '/proc';

/** A process whose folder, program or open files are in `folder`, in words; null = none is known. Linux only. */
export async function userOf(folder: string): Promise<string | null> {
  const processes = await readdir(PROC).catch(() => []);
  for (const pid of processes) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    if (await uses(`${PROC}/${pid}`, folder)) return `is used by ${await named(pid)}`;
  }
  return null;
}

/** What cannot be read belongs to somebody else, or has just ended. */
async function uses(process: string, folder: string): Promise<boolean> {
  const isIn = (path: string | null): boolean =>
    path !== null && (path === folder || path.startsWith(`${folder}/`));
  const target = (link: string): Promise<string | null> => readlink(link).catch(() => null);
  if (isIn(await target(`${process}/cwd`)) || isIn(await target(`${process}/exe`))) return true;
  const files = await readdir(`${process}/fd`).catch(() => []);
  for (const file of files) if (isIn(await target(`${process}/fd/${file}`))) return true;
  const maps = await readFile(`${process}/maps`, 'utf8').catch(() => '');
  return maps.includes(` ${folder}/`);
}

async function named(pid: string): Promise<string> {
  const name = await readFile(`${PROC}/${pid}/comm`, 'utf8').catch(() => '');
  return `process ${pid}${name === '' ? '' : ` (${name.trim()})`}`;
}
