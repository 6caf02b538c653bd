/** A full-screen view on a terminal: drawn anew when asked, left with q or an interrupt. */
import type { Printer } from './print.ts';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const END_OF_LINE = '\u001b[K';
const REST = '\u001b[J';

export type Key = 'up' | 'down' | 'pageUp' | 'pageDown' | 'top' | 'bottom';

const KEYS: Record<string, Key> = {
  k: 'up',
  '\u001b[A': 'up',
  j: 'down',
  '\u001b[B': 'down',
  '\u001b[5~': 'pageUp',
  '\u001b[6~': 'pageDown',
  ' ': 'pageDown',
  g: 'top',
  '\u001b[H': 'top',
  G: 'bottom',
  '\u001b[F': 'bottom',
};
const LEAVING = new Set(['q', 'Q', '\u0003', '\u0004', '\u001b']);

export interface Screen {
  /** Shows these lines from the top; they must fit. */
  draw(lines: readonly string[]): void;
  /** Aborted when the person leaves. */
  readonly signal: AbortSignal;
  readonly leave: () => void;
  close(): Promise<void>;
}

export interface ScreenEvents {
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
}

/** Takes the terminal over until `close`; it is given back even when the process is told to end. */
export function openScreen(
  printer: Printer,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  { onKey, onResize }: ScreenEvents,
): Screen {
  const left = new AbortController();
  const leave = (): void => left.abort();
  const read = (data: Buffer): void => {
    const word = data.toString('latin1');
    const key = KEYS[word];
    if (LEAVING.has(word)) leave();
    else if (key !== undefined) onKey(key);
  };
  const giveBack = (): void => void stdout.write(LEAVE);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', read).on('end', leave).resume();
  stdout.on('resize', onResize);
  process.on('exit', giveBack);
  void printer.write(ENTER);
  return {
    signal: left.signal,
    leave,
    draw: (lines) => {
      const body = lines.map((line) => `${line}${END_OF_LINE}`).join('\r\n');
      void printer.write(HOME + body + REST);
    },
    async close() {
      process.off('exit', giveBack);
      stdout.off('resize', onResize);
      stdin.off('data', read).pause();
      if (stdin.isTTY) stdin.setRawMode(false);
      await printer.write(LEAVE);
    },
  };
}
