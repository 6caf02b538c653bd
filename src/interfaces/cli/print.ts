/** Where words go: one printer for results (stdout), one for everything else (stderr). */
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What a printer needs to know of its stream; process.stdout and process.stderr have it. */
export type Target = Writable & { isTTY?: boolean; columns?: number; rows?: number };

export interface Printer {
  /** A person is watching. */
  readonly isTerminal: boolean;
  readonly colours: boolean;
  /** Symbols outside of ASCII are understood. */
  readonly symbols: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Resolves when the stream has taken it all; never when its reader has gone. */
  readonly write: (data: string | Uint8Array) => Promise<void>;
  readonly line: (text?: string) => Promise<void>;
  readonly json: (value: unknown) => Promise<void>;
  /** Styled on a terminal that wants colours, unchanged elsewhere. */
  readonly paint: (style: Style, text: string) => string;
}

type Env = Readonly<Record<string, string | undefined>>;

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

function knowsUnicode(env: Env): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(isSet) ?? '';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux';
}

/** `onBroken` is called once when the reader of the stream has gone. */
export function openPrinter(stream: Target, env: Env, onBroken: () => void): Printer {
  const isTerminal = stream.isTTY === true;
  const colours = isTerminal && !isSet(env['NO_COLOR']) && env['TERM'] !== 'dumb';
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    onBroken();
  });
  const write = (data: string | Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      stream.write(data, (error) => {
        if (!error) resolve();
      });
    });
  return {
    isTerminal,
    colours,
    symbols: isTerminal && knowsUnicode(env),
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows ?? 24;
    },
    write,
    line: (text = '') => write(`${text}\n`),
    json: (value) => write(`${JSON.stringify(value)}\n`),
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
  };
}
