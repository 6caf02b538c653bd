import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from './config.ts';
import { rotatingFile } from './rotating-file.ts';

export interface Log {
  /** One line of JSON per call; whatever is named like a secret is left out. */
  logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'level'>;
  close(): void;
}

export interface LogOptions {
  level: Config['daemon']['logLevel'];
  maxBytes?: number;
  files?: number;
}

const MAX_BYTES = 5_000_000;
const FILES = 3;

/** The daemon's log: never fails the daemon, counts what a full disk swallowed and says so later. */
export function openLog(path: string, { level, maxBytes, files }: LogOptions): Log {
  const file = rotatingFile(path, {
    maxBytes: maxBytes ?? MAX_BYTES,
    files: files ?? FILES,
    dropNote: (dropped) =>
      `${JSON.stringify({
        level: 'warn',
        time: new Date().toISOString(),
        pid: process.pid,
        dropped,
        msg: `the log could not be written, lines lost: ${dropped}`,
      })}\n`,
  });
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => error }, // already plain
      formatters: {
        level: (label) => ({ level: label }),
        log: (facts) => redacted(facts, DEEPEST) as Record<string, unknown>,
      },
    },
    file,
  );
  return { logger, close: () => file.close() };
}

const SECRET =
  /^env(ironment)?$|(secret|token|authorization|passw(or)?d|passphrase|cookie|api_?key|signature)$/i;
/** Below this many levels nothing is logged. */
const DEEPEST = 6;

/** A copy without what is named like a secret; errors become plain objects. */
function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[too deep]';
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((one) => redacted(one, depth - 1));
  return Object.fromEntries(
    Object.entries(value instanceof Error ? plain(value) : value).map(([name, inner]) => [
      name,
      SECRET.test(name) ? '[redacted]' : redacted(inner, depth - 1),
    ]),
  );
}

const plain = (error: Error) => ({
  ...Object.fromEntries(Object.entries(error)),
  type: error.name,
  message: error.message,
  stack: error.stack,
  ...(error.cause !== undefined && { cause: error.cause }),
});
