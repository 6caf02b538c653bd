import type { Config } from './config.ts';
import { LOG_LEVELS } from './config-schema.ts';
import { rotatingFile } from './rotating-file.ts';

type Level = Config['daemon']['logLevel'];
/** A message, facts with a message, or an error by itself. */
type Say = (facts: object | string, message?: string) => void;

/** One line of JSON per call; whatever is named like a secret is left out. */
type Logger = { [L in Level]: Say } & { level: Level };

export interface Log {
  logger: Logger;
  close(): void;
}

export interface LogOptions {
  level: Level;
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
      line('warn', { dropped }, `the log could not be written, lines lost: ${dropped}`),
  });
  const say =
    (own: Level): Say =>
    (facts, message) => {
      if (LOG_LEVELS.indexOf(own) >= LOG_LEVELS.indexOf(logger.level))
        file.write(line(own, facts, message));
    };
  const logger: Logger = {
    level,
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
  };
  return { logger, close: () => file.close() };
}

function line(level: Level, facts: object | string, message?: string): string {
  const given = facts instanceof Error ? { err: facts } : facts;
  const text = message ?? (facts instanceof Error ? facts.message : undefined);
  return `${JSON.stringify({
    level,
    time: new Date().toISOString(),
    pid: process.pid,
    ...(typeof given === 'string' ? {} : (redacted(given, DEEPEST) as object)),
    msg: typeof given === 'string' ? given : text,
  })}\n`;
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
