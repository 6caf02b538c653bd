import { constants } from 'node:os';
import type { Exit, ProcessIdentity } from '../../domain/attempt.ts';
import { isCode } from './folders.ts';
import { readSmall, writeOnce } from './records.ts';

/** The command's own group and session, as its wrapper saw them. */
export interface CommandGroup {
  group: number;
  session: number | null;
}

/** What the claim file says about who may run the attempt. */
export type Claim =
  | { kind: 'none' }
  | { kind: 'void' }
  | { kind: 'refused'; detail: string }
  | { kind: 'empty'; at: number }
  | { kind: 'unreadable'; at: number }
  | { kind: 'held'; process: ProcessIdentity; at: number; command: CommandGroup | null };

const HELD = /^(\d+) (\S+) (\S+)$/;
const COMMAND = /^(\d+) (\d*)$/;
const VOID = 'void\n';
const REFUSED = 'refused ';

export function readClaim(folder: string): Claim {
  try {
    const file = readSmall(`${folder}/claim`);
    return file === null ? { kind: 'none' } : parseClaim(file.text, file.changedAt);
  } catch (error) {
    if (isCode(error, 'ELOOP')) return { kind: 'unreadable', at: Date.now() };
    throw error;
  }
}

function parseClaim(text: string, at: number): Claim {
  if (text === '') return { kind: 'empty', at };
  if (text === VOID) return { kind: 'void' };
  if (text.startsWith(REFUSED)) return { kind: 'refused', detail: text.slice(REFUSED.length, -1) };
  const lines = text.split('\n');
  const [, pid, startTime, bootId] = HELD.exec(lines[0] ?? '') ?? [];
  if (pid === undefined || startTime === undefined || bootId === undefined || lines.length < 2)
    return { kind: 'unreadable', at };
  const process = { pid: Number(pid), startTime, bootId };
  return { kind: 'held', process, at, command: lines.length > 2 ? parseCommand(lines[1]) : null };
}

function parseCommand(line = ''): CommandGroup | null {
  const [, group, session] = COMMAND.exec(line) ?? [];
  if (group === undefined) return null;
  return { group: Number(group), session: session ? Number(session) : null };
}

/** Claims the attempt so that nothing can run; false when somebody else has it. */
export const claimVoid = (folder: string): boolean => writeOnce(`${folder}/claim`, VOID);

/** Claims the attempt with the reason why it cannot run; false when somebody else has it. */
export const claimRefused = (folder: string, detail: string): boolean =>
  writeOnce(`${folder}/claim`, `${REFUSED}${detail.replaceAll('\n', ' ')}\n`);

/** The wrapper's record of the end and its time (epoch ms); null: not yet, or not whole. */
export function readExit(folder: string): { exit: Exit; at: number } | null {
  const file = readSmall(`${folder}/exit`);
  const exit = file === null ? null : parseExit(file.text);
  return file === null || exit === null ? null : { exit, at: file.changedAt };
}

function parseExit(text: string): Exit | null {
  const [, signal, number] = /^(signal )?(\d{1,3})\n$/.exec(text) ?? [];
  if (number === undefined) return null;
  return signal === undefined ? { code: Number(number) } : { signal: signalName(Number(number)) };
}

const signalNames = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/** `SIGTERM` for 15; a number without a name is that of a real-time signal or of none. */
const signalName = (number: number): string => signalNames.get(number) ?? `SIG${number}`;

/**
 * Writes the record that a killed wrapper could not; one that is already there wins. On a full disk there
 * is none: the attempt then counts as vanished.
 */
export function recordKilled(folder: string): void {
  try {
    writeOnce(`${folder}/exit`, 'signal 9\n');
  } catch (error) {
    if (!isCode(error, 'ENOSPC') && !isCode(error, 'EDQUOT')) throw error;
  }
}

/** Why the command could not be started, found by its own shell at the last moment. */
export function readRefusal(folder: string): string | null {
  const text = readSmall(`${folder}/refused`)?.text ?? '';
  return text.endsWith('\n') ? text.slice(0, -1) : null;
}
