/** Plays steps: in order, each after its wait. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LogLine } from './call-log.ts';
import type { Input } from './input.ts';
import {
  filled,
  filledDeep,
  placeholders,
  type Substitution,
  type Values,
} from './placeholders.ts';
import type { Action, Step, Stream } from './script.ts';

/** What the steps of a run have in common. */
export interface Stage {
  values: Values;
  /** 0 = no waiting. */
  speed: number;
  input: Input;
  log: (line: LogLine) => void;
  /** The pieces of a recording, as steps. */
  replay: (path: string) => readonly Step[];
  /** Cuts every wait short. */
  stop: AbortSignal;
}

/** Plays the steps and gives the exit code; null = they came to their end without one. Throws when it is stopped. */
export async function play(steps: readonly Step[], stage: Stage): Promise<number | null> {
  for (const { after, action } of steps) {
    if (after > 0 && stage.speed > 0) await wait(after / stage.speed, null, { signal: stage.stop });
    stage.stop.throwIfAborted();
    const code = await act(action, stage);
    if (code !== null) return code;
  }
  return null;
}

async function act(action: Action, stage: Stage): Promise<number | null> {
  const filling = placeholders(stage.values);
  switch (action.do) {
    case 'exit':
      return action.code;
    case 'replay':
      return play(stage.replay(action.path), stage);
    case 'hang':
      for (;;) await wait(LONGEST_TIMER, null, { signal: stage.stop });
    case 'wait':
      await appearance(filled(action.path, filling), stage.stop);
      return null;
    case 'read':
      await read(action.until, stage);
      return null;
    case 'child':
      stage.log({ kind: 'child', child: await startChild(action) });
      return null;
    case 'signal':
      sendSelf(action.signal);
      return null;
    case 'ignore':
      for (const signal of action.signals)
        process.on(signal, () => stage.log({ kind: 'signal', signal }));
      return null;
    case 'tell': {
      const { tool, input } = filledDeep(action, filling) as typeof action;
      // The client is a third of what there is to load, and few scripts need it.
      const { tell } = await import('./tell.ts');
      stage.log({ kind: 'told', tool, answer: await tell({ tool, input }, stage.stop) });
      return null;
    }
    case 'file':
      putFile(action, filling);
      return null;
    default:
      await print(action, filling);
      return null;
  }
}

const LONGEST_TIMER = 2 ** 31 - 1;

async function print(
  action: Extract<Action, { do: 'write' | 'json' | 'bytes' | 'nothing' }>,
  filling: Substitution,
): Promise<void> {
  switch (action.do) {
    case 'nothing':
      return;
    case 'bytes':
      return write(action.stream, action.bytes);
    case 'write':
      return write(action.stream, Buffer.from(`${filled(action.text, filling)}\n`));
    case 'json': {
      const line = JSON.stringify(filledDeep(action.value, filling));
      return write('stdout', Buffer.from(`${line}\n`));
    }
  }
}

/** Written before it returns, so that nothing is lost by the end of the process. */
async function write(stream: Stream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += fs.writeSync(stream === 'stdout' ? 1 : 2, bytes, at);
    } catch (error) {
      // A pipe that its reader made non-blocking, and has not emptied yet.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await wait(1);
    }
  }
}

const LOOK_EVERY = 5;

async function appearance(path: string, stop: AbortSignal): Promise<void> {
  while (!fs.existsSync(path)) await wait(LOOK_EVERY, null, { signal: stop });
}

async function read(until: 'line' | 'end', { input, values, log, stop }: Stage): Promise<void> {
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason as Error), { once: true });
  });
  const text = (await Promise.race([until === 'line' ? input.line() : input.end(), stopped])) ?? '';
  values.line = text;
  log({ kind: 'stdin', text });
}

function putFile({ path, content }: Extract<Action, { do: 'file' }>, filling: Substitution): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, typeof content === 'string' ? filled(content, filling) : content);
}

/** A `sleep` that outlives the agent, unless somebody ends it. */
function startChild(child: Extract<Action, { do: 'child' }>): Promise<number> {
  const names = child.ignores.map((signal) => signal.replace(/^SIG/, ''));
  const deaf = names.length === 0 ? '' : `trap '' ${names.join(' ')}; `;
  const inherited = child.output ? 'inherit' : 'ignore';
  const started = spawn(
    '/bin/sh',
    ['-c', `${deaf}exec sleep "$1"`, 'sh', String(child.ms / 1_000)],
    {
      detached: child.session,
      stdio: ['ignore', inherited, inherited],
    },
  );
  started.unref();
  return new Promise((resolve, reject) => {
    started.on('error', reject);
    started.on('spawn', () => resolve(started.pid ?? 0));
  });
}

/** The signal does what it does to a program that has no answer to it. */
function sendSelf(signal: string): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
