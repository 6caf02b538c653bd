/** Plays what a call asks for. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { callLog, shownEnvironment } from './call-log.ts';
import { type Call, promptIn, sessionIn } from './call.ts';
import { Input } from './input.ts';
import { filledChunks, instead, placeholders, type Values } from './placeholders.ts';
import { play, type Stage } from './play.ts';
import type { Step } from './script.ts';
import { type Played, readSource, type Source, stepsOf } from './source.ts';

/** Plays the recording or script, and gives the exit code. */
export async function perform(call: Call): Promise<number> {
  const source = await readSource(call.path);
  const steps = source.kind === 'script' ? source.steps.filter((step) => holds(step, call)) : [];
  const input = new Input();
  const stdin = readsByItself(steps) || isatty(0) ? null : await input.end();
  const log = callLog(call.log, process.pid);
  const { argv } = call;
  log({ kind: 'call', argv, cwd: process.cwd(), env: shownEnvironment(process.env), stdin });
  const named = call.session ?? sessionIn(argv);
  const values: Values = {
    session: named ?? randomUUID(),
    cwd: process.cwd(),
    prompt: call.prompt ?? promptIn(argv, stdin),
    line: '',
  };
  const replay = (recording: Played, withEnd: boolean): Step[] =>
    stepsOf({ ...recording, chunks: carrying(recording, named, values) }, withEnd);
  const all = source.kind === 'recording' ? replay(source.recording, true) : steps;
  const code = await answering(all, {
    values,
    speed: call.speed,
    input,
    log,
    replay: (path) => replay(replayed(source, path), false),
  });
  return code ?? 0;
}

const readsByItself = (steps: readonly Step[]): boolean =>
  steps.some(({ action }) => action.do === 'read');

const holds = ({ conditions }: Step, { argv }: Call): boolean =>
  conditions.every(({ of, name, there }) =>
    of === 'file' ? existsSync(name) === there : argv.slice(1).includes(name) === there,
  );

function replayed(source: Source, path: string): Played {
  const recording = source.kind === 'script' ? source.replays.get(path) : undefined;
  if (recording === undefined) throw new RangeError(`${path} was not read`);
  return recording;
}

const PRINTED_ID = /"(?:session_id|sessionId|sessionID|thread_id)":\s?"([^"]+)"/;

/** The output of a recording with today's values: the session that was asked for then is the one asked for now. */
function carrying({ argv, chunks }: Played, named: string | null, values: Values) {
  const filledIn = filledChunks(chunks, placeholders(values));
  if (named === null) return filledIn;
  const text = (): string =>
    chunks
      .map(({ stream, bytes }) => (stream === 'stdout' ? Buffer.from(bytes).toString() : ''))
      .join('');
  const then = sessionIn(argv) ?? PRINTED_ID.exec(text())?.[1];
  return then === undefined ? filledIn : filledChunks(filledIn, instead(then, named));
}

/** Plays the script itself, and the answer to the first signal that has one. */
async function answering(
  steps: readonly Step[],
  stage: Omit<Stage, 'stop'>,
): Promise<number | null> {
  const signals = new Set(steps.flatMap(({ on }) => (on === null ? [] : [on])));
  const stop = new AbortController();
  let got: string | null = null;
  for (const signal of signals)
    process.once(signal, () => {
      got ??= signal;
      stop.abort();
    });
  try {
    return await play(stepsFor(steps, null), { ...stage, stop: stop.signal });
  } catch (error) {
    if (got === null || !stop.signal.aborted) throw error;
    stage.log({ kind: 'signal', signal: got });
    return play(stepsFor(steps, got), { ...stage, stop: new AbortController().signal });
  }
}

const stepsFor = (steps: readonly Step[], signal: string | null): Step[] =>
  steps.filter(({ on }) => on === signal);
