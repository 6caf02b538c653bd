import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { TendError } from '../../domain/errors.ts';
import { type Fed, NOTHING_FED } from '../../domain/input.ts';
import type { Inputs } from '../../ports/inputs.ts';
import type { AttemptRef } from '../../ports/supervisor.ts';
import { explained, type Folders, isCode } from './folders.ts';
import { openToRead } from './records.ts';
import { INPUT } from './run.ts';

const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW, O_CREAT, O_EXCL } = fs.constants;
const NAME = /^([1-9]\d{0,8})(\.end)?$/;
/** Of those that are written the newest are looked at. */
const SHOWN = 100;
const WRITTEN = /^(\d+) (\d*)$/;

/**
 * Texts as files of the attempt: `input/1`, `input/2` …, the last one `input/<n>.end`. The attempt's feeder (see
 * wrapper.sh) copies them, in their order, each once.
 */
export class FileInputs implements Inputs {
  readonly #folders: Folders;
  /** One at a time for each attempt, so that numbers follow each other. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(folders: Folders) {
    this.#folders = folders;
  }

  put(ref: AttemptRef, data: Uint8Array, end: boolean): Promise<number> {
    const folder = this.#folder(ref);
    const before = this.#turns.get(folder) ?? Promise.resolve();
    const turn = before.then(() => store(folder, data, end));
    const settled = turn.catch(() => undefined);
    this.#turns.set(folder, settled);
    void settled.then(() => {
      if (this.#turns.get(folder) === settled) this.#turns.delete(folder);
    });
    return turn.catch((error: unknown) => {
      throw explained(error, folder);
    });
  }

  async fed(ref: AttemptRef): Promise<Fed> {
    return readFed(this.#folder(ref));
  }

  hurry(ref: AttemptRef): void {
    ring(this.#folder(ref));
  }

  settled(ref: AttemptRef, number: number, timeout: number, signal: AbortSignal): Promise<void> {
    const folder = this.#folder(ref);
    return new Promise((resolve) => {
      const look = (): void => {
        const { written, closed } = told(folder);
        if (written >= number || closed) done();
      };
      const watcher = watched(folder, look);
      const timer = setTimeout(() => done(), timeout);
      const done = (): void => {
        clearTimeout(timer);
        watcher?.close();
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
      else look();
    });
  }

  #folder(ref: AttemptRef): string {
    return `${this.#folders.attempt(ref)}/${INPUT}`;
  }
}

/** Whole under its number or not at all; nothing of it need outlive the machine, which its reader does not either. */
async function store(folder: string, data: Uint8Array, end: boolean): Promise<number> {
  if (!isFolder(folder))
    throw new TendError(
      'unsupported',
      `${folder} is not there: this attempt has no pipe on its stdin`,
      'Start such a task with: tend run --input -- …',
    );
  const draft = `${folder}/draft.${randomBytes(6).toString('hex')}`;
  const file = await fs.promises.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(data);
    const number = (namesIn(folder).at(-1)?.number ?? 0) + 1;
    fs.linkSync(draft, `${folder}/${number}${end ? '.end' : ''}`);
    ring(folder);
    return number;
  } finally {
    await file.close();
    await fs.promises.rm(draft, { force: true });
  }
}

/** Makes the feeder look. Nobody listens before the command is born, and none after stdin has ended: then it need not. */
function ring(folder: string): void {
  try {
    const bell = fs.openSync(`${folder}/bell`, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    try {
      // Were it no pipe, this would be a note in a file, no more.
      fs.writeSync(bell, 'look\n');
    } finally {
      fs.closeSync(bell);
    }
  } catch (error) {
    // EAGAIN: so many rings wait that one more changes nothing.
    if (!['ENXIO', 'ENOENT', 'EAGAIN', 'EPIPE'].some((code) => isCode(error, code))) throw error;
  }
}

function readFed(folder: string): Fed {
  if (!isFolder(folder)) return NOTHING_FED;
  const far = told(folder);
  const names = namesIn(folder);
  const oldest = (names.at(-1)?.number ?? 0) - SHOWN;
  const looked = names.filter(({ number }) => number > Math.min(oldest, far.written));
  return { accepted: looked.flatMap((one) => entry(folder, one)), ...far };
}

const isFolder = (path: string): boolean =>
  fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

interface Named {
  name: string;
  number: number;
  end: boolean;
}

/** In the order of their numbers. */
function namesIn(folder: string): Named[] {
  return fs
    .readdirSync(folder)
    .flatMap((name) => {
      const [, number, end] = NAME.exec(name) ?? [];
      return number === undefined ? [] : [{ name, number: Number(number), end: end !== undefined }];
    })
    .sort((a, b) => a.number - b.number);
}

function entry(folder: string, { name, number, end }: Named): Fed['accepted'] {
  const found = fs.lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return [];
  return [{ number, at: Math.floor(found.mtimeMs), bytes: found.size, end }];
}

/** What the feeder has told; a line that is not whole yet tells nothing. */
function told(folder: string): Pick<Fed, 'written' | 'times' | 'closed'> {
  const times = new Map<number, number>();
  let written = 0;
  let closed = false;
  for (const line of textOf(`${folder}/fed`).split('\n').slice(0, -1)) {
    if (line.startsWith('closed ')) closed = true;
    const [, number, at] = WRITTEN.exec(line) ?? [];
    if (number === undefined) continue;
    written = Math.max(written, Number(number));
    if (at !== '') times.set(Number(number), Number(at) * 1_000);
  }
  return { written, times, closed };
}

function textOf(path: string): string {
  const fd = openToRead(path);
  if (fd === null) return '';
  try {
    return fs.readFileSync(fd, 'utf8');
  } finally {
    fs.closeSync(fd);
  }
}

function watched(folder: string, look: () => void): fs.FSWatcher | null {
  try {
    const watcher = fs.watch(folder, { persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
