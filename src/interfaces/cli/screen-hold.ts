/** A terminal taken over and given back: at the end, at a stop, at whatever ends the process. */
import type { Printer } from './print.ts';

const ESCAPE = '\u001b[';
/** Another screen, no cursor, nothing wraps, a paste is told as one. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}?7l${ESCAPE}?2004h`;
const MOUSE_ON = `${ESCAPE}?1000h${ESCAPE}?1006h`;
const MOUSE_OFF = `${ESCAPE}?1006l${ESCAPE}?1000l`;
const LEAVE = `${MOUSE_OFF}${ESCAPE}?2004l${ESCAPE}?7h${ESCAPE}?25h${ESCAPE}?1049l`;

/** A process that was not stopped by then (ms) cannot be: nobody could bring it back. */
const STOP_PATIENCE = 100;

export interface Hold {
  /** False while it is given back. */
  readonly isOpen: boolean;
  mouse(on: boolean): void;
  /** Gives the terminal back and stops the processes of this job, as Ctrl-Z does elsewhere. */
  suspend(): void;
  release(): Promise<void>;
}

interface Happenings {
  /** It is ours again and shows nothing yet. */
  onBack: () => void;
  /** It cannot be set any more. */
  onGone: () => void;
}

/** False for a terminal that has gone. */
function isSet(stdin: NodeJS.ReadStream, raw: boolean): boolean {
  try {
    if (stdin.isTTY) stdin.setRawMode(raw);
    return true;
  } catch {
    return false;
  }
}

/** Takes the terminal over until `release`. */
export function holdTerminal(
  printer: Printer,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  { onBack, onGone }: Happenings,
): Hold {
  let [isOpen, hasMouse, isReleased] = [false, false, false];
  const raw = (on: boolean): void => {
    if (!isSet(stdin, on)) onGone();
  };
  const enter = (): void => {
    isOpen = true;
    raw(true);
    void printer.write(ENTER + (hasMouse ? MOUSE_ON : ''));
  };
  const giveBack = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stdout.write(LEAVE);
    raw(false);
  };
  const resume = (): void => {
    if (isReleased) return;
    // The shell may have set the terminal as it likes it.
    raw(false);
    enter();
    onBack();
  };
  const stop = (whom: number): void => {
    giveBack();
    process.off('SIGTSTP', stopped);
    process.kill(whom, 'SIGTSTP');
    setTimeout(() => {
      if (isReleased) return;
      process.on('SIGTSTP', stopped);
      if (!isOpen) resume();
    }, STOP_PATIENCE);
  };
  const stopped = (): void => stop(process.pid);
  process.on('SIGCONT', resume).on('SIGTSTP', stopped).on('exit', giveBack);
  enter();
  return {
    get isOpen() {
      return isOpen;
    },
    mouse: (on) => {
      hasMouse = on;
      if (isOpen) void printer.write(on ? MOUSE_ON : MOUSE_OFF);
    },
    suspend: () => stop(0),
    async release() {
      isReleased = true;
      process.off('SIGCONT', resume).off('SIGTSTP', stopped).off('exit', giveBack);
      if (!isOpen) return;
      isOpen = false;
      raw(false);
      await printer.write(LEAVE);
    },
  };
}
