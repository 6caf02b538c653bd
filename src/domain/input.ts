import { TendError } from './errors.ts';
import { isTerminal } from './lifecycle.ts';
import type { Task } from './task.ts';

/**
 * `accepted` = stored for the attempt, whatever becomes of the daemon; `written` = all of it is in the command's stdin;
 * `dropped` = it is not known to have come there whole, and will not: the command had closed its stdin, or it ended before.
 */
export const INPUT_STATES = ['accepted', 'written', 'dropped'] as const;
type InputState = (typeof INPUT_STATES)[number];

/** One text that was sent to a task; numbered from 1 within its attempt, and written in that order. */
export interface Input {
  number: number;
  /** When it was accepted, epoch ms. */
  at: number;
  bytes: number;
  /** The command's stdin ends after it. */
  end: boolean;
  state: InputState;
  /** When it was seen to be written, to the second; null = it is not. */
  writtenAt: number | null;
}

/** What was accepted for an attempt, and how far its feeder tells to have come. */
export interface Fed {
  /** In their order; of those that are long written some may be left out. */
  accepted: readonly Pick<Input, 'number' | 'at' | 'bytes' | 'end'>[];
  /** The last one that is written, 0 = none, with the times of those told. */
  written: number;
  times: ReadonlyMap<number, number>;
  /** The command had closed its stdin when the one after the last was to be written. */
  closed: boolean;
}

export const NOTHING_FED: Fed = { accepted: [], written: 0, times: new Map(), closed: false };

/** Longest text that is sent at once, and most that may wait to be read, bytes. */
export const LONGEST_INPUT = 8 * 1024 * 1024;
export const MOST_WAITING_INPUT = 32 * 1024 * 1024;

/** `over` = the attempt has ended: what is not written never will be. */
export function inputsOf({ accepted, written, times, closed }: Fed, over: boolean): Input[] {
  return accepted.map((one) => {
    const isWritten = one.number <= written;
    const state = isWritten ? 'written' : over || closed ? 'dropped' : 'accepted';
    return { ...one, state, writtenAt: isWritten ? (times.get(one.number) ?? null) : null };
  });
}

/** Names a text for good: the task, the attempt, the number. */
export const inputId = (taskId: string, attempt: number, { number }: Pick<Input, 'number'>) =>
  `${taskId}.${attempt}.i${number}`;

/** Why the task takes no text; null = it does. */
export function inputRefusal(task: Task): TendError | null {
  const { id, spec, state } = task;
  if (isTerminal(state))
    return new TendError(
      'already_ended',
      `${id} has ended (${state}): nothing reads what is sent to it`,
      spec.work.kind === 'agent'
        ? `Go on with its session: tend resume ${id} "…"`
        : `Run it again: tend retry ${id}`,
    );
  if (spec.work.kind === 'agent')
    return new TendError(
      'unsupported',
      `${id} is an agent, which takes no text while it runs`,
      `Answer its question with: tend answer ${id} "…"; once it has ended: tend retry ${id} --feedback "…", or tend resume ${id} "…"`,
    );
  if (spec.input !== true)
    return new TendError(
      'unsupported',
      `${id} has no pipe on its stdin: it was not asked for when it was started`,
      'Start such a task with: tend run --input -- …',
    );
  if (state === 'running') return null;
  const [why, hint] = WHY[state] ?? ['does not run yet', `See why with: tend show ${id}`];
  return new TendError(
    'unsupported',
    `${id} ${why}: it is ${state.replaceAll('_', ' ')}`,
    hint ?? `Look at it with: tend show ${id}`,
  );
}

const OVER = ['has done its part, and reads nothing more'] as const;
const WHY: Partial<Record<Task['state'], readonly [why: string, hint?: string]>> = {
  stopping: ['reads nothing more', 'Run it again once it has ended: tend retry'],
  finishing: OVER,
  awaiting_input: OVER,
  awaiting_children: OVER,
  awaiting_review: OVER,
};

/** Why the attempt takes no more; null = it does. `bytes` are to be sent now. */
export function fedRefusal(id: string, fed: Fed, bytes: number): TendError | null {
  if (fed.closed)
    return new TendError(
      'unsupported',
      `${id} has closed its stdin: it reads nothing more`,
      `See what it was sent with: tend show ${id}`,
    );
  if (fed.accepted.some(({ end }) => end))
    return new TendError(
      'unsupported',
      `the stdin of ${id} was ended before: nothing can be sent after its end`,
      `See what it was sent with: tend show ${id}`,
    );
  const waiting = fed.accepted
    .filter(({ number }) => number > fed.written)
    .reduce((sum, one) => sum + one.bytes, bytes);
  if (waiting <= MOST_WAITING_INPUT) return null;
  return new TendError(
    'limit_reached',
    `${id} does not read: ${waiting - bytes} bytes wait for it already`,
    `Send it again later, or see what it does with: tend logs ${id}`,
  );
}
