import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Where the move is: everything but `kept` is under way, and is finished by whoever finds it. */
const PHASES = ['putting', 'kept', 'restoring', 'purging'] as const;

const manifest = z.object({
  version: z.literal(1),
  phase: z.enum(PHASES),
  taskId: z.string(),
  at: z.number(),
  /** Common folder of the repository. */
  repository: z.string(),
  /** Where the work tree stood. */
  path: z.string(),
  /** Branch that it was for, and where that was then. */
  branch: z.string().nullable(),
  branchTip: z.string().nullable(),
  /** Commit that was checked out, and whether it was so as `branch`. */
  tip: z.string().nullable(),
  onBranch: z.boolean(),
});

/** Everything that is needed to bring a work tree back. */
type Manifest = z.infer<typeof manifest>;

/** One folder of the trash. */
export interface Entry extends Manifest {
  folder: string;
}

export const treeOf = ({ folder }: Entry): string => join(folder, 'tree');

export const exists = (path: string): boolean =>
  fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Whole or not at all, also after a power loss. */
export async function record(entry: Entry): Promise<void> {
  const { folder, ...facts } = entry;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, 'manifest.new');
  const file = await fs.promises.open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(facts, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  fs.renameSync(draft, join(folder, 'manifest.json'));
  await syncFolder(folder);
  await syncFolder(dirname(folder));
}

/** What was renamed in a folder stays so after a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Every folder of the trash that says what it is, the newest first; others are left alone. */
export function entriesIn(trash: string): Entry[] {
  if (!exists(trash)) return [];
  return fs
    .readdirSync(trash)
    .flatMap((name) => read(join(trash, name)) ?? [])
    .sort((a, b) => b.at - a.at || (a.folder < b.folder ? 1 : -1));
}

function read(folder: string): Entry | null {
  try {
    const text = fs.readFileSync(join(folder, 'manifest.json'), 'utf8');
    return { ...manifest.parse(JSON.parse(text)), folder };
  } catch {
    return null;
  }
}

/** Forgets an entry whose work tree is elsewhere or gone. What else lies in its folder stays. */
export function forget({ folder }: Entry): void {
  for (const name of ['manifest.new', 'manifest.json'])
    fs.rmSync(join(folder, name), { force: true });
  try {
    fs.rmdirSync(folder);
  } catch {
    // Not empty: somebody put something there.
  }
}
