/** A full-screen view on a terminal: keys in, frames out, left with an interrupt. */
import { StringDecoder } from 'node:string_decoder';
import { type Key, parseKeys } from './keys.ts';
import type { Printer } from './print.ts';
import { change, type Frame } from './screen-frame.ts';
import { holdTerminal } from './screen-hold.ts';

/** A lone escape is the key when nothing follows it for so long (ms): a slow line may cut a sequence in two. */
const ESCAPE_PATIENCE = 60;
/** No sequence that is waited for is longer; a paste is waited for to its end. */
const LONGEST_SEQUENCE = 40;

export interface Screen {
  /** Shows these lines from the top; they must fit. Writes what changed, in one piece. */
  draw(frame: Frame): void;
  /** Everything is written with the next frame. */
  forget(): void;
  mouse(on: boolean): void;
  /** Gives the terminal back and stops, as Ctrl-Z does elsewhere. */
  suspend(): void;
  /** Aborted when the person leaves, or the terminal has gone. */
  readonly signal: AbortSignal;
  readonly leave: () => void;
  close(): Promise<void>;
}

interface ScreenEvents {
  readonly onKey: (key: Key) => void;
  /** The terminal has another size, or shows something else. */
  readonly onResize: () => void;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Consoles of which it is not sure that they ignore what they do not know. */
const OLD = /^(?:linux|vt\d|ansi|dumb)/;

/** Takes the terminal over until `close`; it is given back even when the process is told to end, or fails. */
export function openScreen(
  printer: Printer,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  env: Env,
  { onKey, onResize }: ScreenEvents,
): Screen {
  const left = new AbortController();
  const leave = (): void => left.abort();
  const atOnce = !OLD.test(env['TERM'] ?? '');
  let before: Frame | null = null;
  let wanted: Frame | null = null;
  let isWriting = false;

  const resized = (): void => {
    before = null;
    onResize();
  };
  const hold = holdTerminal(printer, stdin, stdout, { onBack: resized, onGone: leave });
  const flush = (): void => {
    if (wanted === null || isWriting || !hold.isOpen) return;
    const text = change(before, wanted, { columns: printer.columns, atOnce });
    [before, wanted] = [wanted, null];
    if (text === '') return;
    // A slow line is given no more than one frame: the next one is the newest.
    isWriting = true;
    void printer.write(text).then(() => {
      isWriting = false;
      flush();
    });
  };
  const reading = readKeys(stdin, onKey, leave);
  stdout.on('resize', resized);
  return {
    signal: left.signal,
    leave,
    draw: (frame) => {
      wanted = frame;
      flush();
    },
    forget: () => (before = null),
    mouse: (on) => hold.mouse(on),
    suspend: () => hold.suspend(),
    async close() {
      stdout.off('resize', resized);
      reading.stop();
      await hold.release();
    },
  };
}

/** Tells the keys that arrive, until `stop`; a terminal that has gone is left. */
function readKeys(stdin: NodeJS.ReadStream, onKey: (key: Key) => void, leave: () => void) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let patience: NodeJS.Timeout | undefined;
  const take = (text: string, final: boolean): void => {
    const parsed = parseKeys(text, final);
    rest = parsed.rest;
    for (const key of parsed.keys) onKey(key);
  };
  const read = (data: Buffer): void => {
    clearTimeout(patience);
    take(rest + decoder.write(data), false);
    if (rest !== '' && rest.length < LONGEST_SEQUENCE)
      patience = setTimeout(() => take(rest, true), ESCAPE_PATIENCE);
  };
  stdin.on('data', read).on('end', leave).on('error', leave).resume();
  return {
    stop: () => {
      clearTimeout(patience);
      stdin.off('data', read).off('end', leave).pause();
    },
  };
}
