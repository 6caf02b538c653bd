/** `tend daemon logs`: read from the file, so that it works when the daemon does not. */
import { closeSync, fstatSync, openSync, readSync, watch } from 'node:fs';
import { TendError } from '../../domain/errors.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { clock } from './format.ts';
import type { Printer } from './print.ts';
import { oneLine } from './text.ts';

type Options = Common & { follow?: boolean; lines?: number };

const LINES = 50;
/** As much of the end of the file as is looked at for the last lines (bytes). */
const MOST = 4 * 1024 * 1024;

export async function daemonLogs(context: Context, options: Options): Promise<number> {
  const { out, env, signal } = context;
  const { resolvePaths } = await import('../client/index.ts');
  const path = resolvePaths(env).logPath;
  const log = new LogFile(path);
  try {
    const wanted = options.lines ?? LINES;
    const lines = log.read();
    for (const line of wanted === 0 ? [] : lines.slice(-wanted)) await tell(out, line, options);
    if (options.follow !== true) {
      if (options.json === true && lines.length === 0) await out.json({ path, lines: [] });
      return 0;
    }
    while (!signal.aborted) {
      await log.grown(signal);
      for (const line of log.read()) await tell(out, line, options);
    }
    return EXIT.interrupted;
  } finally {
    log.close();
  }
}

/** Hands out complete lines, each once. */
class LogFile {
  readonly #path: string;
  readonly #descriptor: number;
  #offset: number;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw new TendError(
        'not_found',
        `there is no log at ${path}`,
        'A daemon writes it when it starts: tend daemon start',
        error,
      );
    }
    this.#offset = Math.max(0, fstatSync(this.#descriptor).size - MOST);
  }

  read(): string[] {
    const room = fstatSync(this.#descriptor).size - this.#offset;
    if (room <= 0) return [];
    const buffer = Buffer.alloc(room);
    const got = readSync(this.#descriptor, buffer, 0, room, this.#offset);
    this.#offset += got;
    const lines = (this.#rest + buffer.toString('utf8', 0, got)).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }

  /** Resolves when the file may have grown, or on abort. */
  grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const watcher = watch(this.#path, { signal }, () => {
        watcher.close();
        resolve();
      });
      watcher.on('error', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

async function tell(out: Printer, line: string, { json }: Options): Promise<void> {
  const entry = parsed(line);
  if (json === true) return out.json(entry ?? { msg: line });
  if (!out.isTerminal || entry === null) return out.line(out.isTerminal ? oneLine(line) : line);
  const { time, level, msg, ...rest } = entry;
  const when =
    typeof time === 'string' || typeof time === 'number' ? new Date(time).getTime() : NaN;
  const what = [
    Number.isNaN(when) ? '' : out.paint('dim', clock(when, Date.now())),
    levelWord(level, out),
    oneLine(typeof msg === 'string' ? msg : ''),
    out.paint('dim', oneLine(details(rest))),
  ];
  await out.line(what.filter((part) => part !== '').join('  '));
}

const LEVELS: Record<string, string> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

function levelWord(level: unknown, { paint }: Printer): string {
  const given = typeof level === 'number' || typeof level === 'string' ? String(level) : '';
  const word = LEVELS[given] ?? given;
  if (word === 'warn') return paint('yellow', word);
  return word === 'error' || word === 'fatal' ? paint('red', word) : word;
}

const QUIET = new Set(['pid', 'hostname', 'name', 'v']);

const details = (rest: Record<string, unknown>): string =>
  Object.entries(rest)
    .filter(([name]) => !QUIET.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
