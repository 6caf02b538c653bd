/** What is played: a recording or a script, whatever form it has. */
import * as fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Exit } from '../../domain/attempt.ts';
import { isTendError } from '../../domain/errors.ts';
import {
  chunksOf,
  parseRecording,
  type RecordedChunk,
  RECORDING_START,
} from '../../domain/recording.ts';
import { type Action, FakeAgentError, type Fields, isFields, type Step, stepOf } from './script.ts';

/** What a recording needs to be played. */
export interface Played {
  argv: readonly string[];
  chunks: readonly RecordedChunk[];
  /** Null = the end was not seen. */
  exit: Exit | null;
}

export type Source =
  | { kind: 'recording'; recording: Played }
  | { kind: 'script'; steps: readonly Step[]; replays: ReadonlyMap<string, Played> };

/** Reads a recording or a script whole, so that nothing is found wrong halfway. Throws FakeAgentError. */
export async function readSource(path: string): Promise<Source> {
  const text = isFolder(path) ? null : textOf(path);
  if (text === null || text.startsWith(RECORDING_START))
    return { kind: 'recording', recording: readRecording(path, text) };
  const lines = /^\s*\{/.test(text) ? jsonLines(path, text) : await tomlSteps(path, text);
  const steps = lines.map(({ of, where }) => stepOf(of, where));
  const names = steps.flatMap(({ action }) => (action.do === 'replay' ? [action.path] : []));
  const at = (name: string): string => resolve(dirname(path), name);
  const replays = new Map(names.map((name) => [name, readRecording(at(name), null)]));
  return { kind: 'script', steps, replays };
}

/** A recording as steps: its pieces at their times, then its end. */
export function stepsOf({ chunks, exit }: Played, withEnd: boolean): Step[] {
  let last = 0;
  const steps = chunks.map(({ at, stream, bytes }) => {
    const after = Math.max(0, at - last);
    last = Math.max(last, at);
    return stepFor({ do: 'bytes', stream, bytes }, after);
  });
  return withEnd ? [...steps, stepFor(endOf(exit))] : steps;
}

const stepFor = (action: Action, after = 0): Step => ({ after, on: null, conditions: [], action });

function endOf(exit: Exit | null): Action {
  // What nobody saw end has vanished.
  if (exit === null) return { do: 'signal', signal: 'SIGKILL' };
  return 'code' in exit ? { do: 'exit', code: exit.code } : { do: 'signal', signal: exit.signal };
}

interface PlacedStep {
  of: unknown;
  where: string;
}

function jsonLines(path: string, text: string): PlacedStep[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const where = `${path}, line ${index + 1}`;
    try {
      return [{ of: JSON.parse(line) as unknown, where }];
    } catch {
      throw new FakeAgentError(`${where} is no JSON`);
    }
  });
}

async function tomlSteps(path: string, text: string): Promise<PlacedStep[]> {
  // Loaded only here: recordings and JSON lines start faster without it.
  const { parse } = await import('smol-toml');
  const { steps = [], ...others } = fieldsIn(path, () => parse(text));
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new FakeAgentError(`${path}: ${other} is unknown; a script is a list of [[steps]]`);
  if (!Array.isArray(steps)) throw new FakeAgentError(`${path}: steps must be a list: [[steps]]`);
  return steps.map((of: unknown, index) => ({ of, where: `${path}, step ${index + 1}` }));
}

function fieldsIn(path: string, parse: () => Fields): Fields {
  try {
    return parse();
  } catch (error) {
    const what = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new FakeAgentError(`${path}: ${what}`);
  }
}

function readRecording(path: string, given: string | null): Played {
  if (given === null && isFolder(path)) return readFolder(path);
  try {
    return parseRecording(given ?? textOf(path));
  } catch (error) {
    if (isTendError(error)) throw new FakeAgentError(`${path}: ${error.message}`);
    throw error;
  }
}

/** A folder with `stdout.jsonl`, `stderr.txt`, `exit.txt` and `argv.json`; only the exit must be there. */
function readFolder(folder: string): Played {
  const bytes = (name: string): Buffer =>
    fs.existsSync(join(folder, name)) ? fs.readFileSync(join(folder, name)) : Buffer.alloc(0);
  const [stdout, stderr] = [bytes('stdout.jsonl'), bytes('stderr.txt')];
  return {
    argv: argvIn(bytes('argv.json').toString()),
    chunks: chunksOf({ stdout, stderr, timing: [] }),
    exit: exitIn(folder, textOf(join(folder, 'exit.txt'))),
  };
}

/** The first line is the exit code; `signal=SIGTERM` below it says that a signal ended the run. */
function exitIn(folder: string, text: string): Exit {
  const [, signal] = /^signal=(\w+)/m.exec(text) ?? [];
  if (signal !== undefined) return { signal };
  const [, code] = /^(\d{1,3})\s*$/m.exec(text) ?? [];
  if (code === undefined)
    throw new FakeAgentError(`${join(folder, 'exit.txt')} holds no exit code`);
  return { code: Number(code) };
}

function argvIn(text: string): readonly string[] {
  if (text === '') return [];
  const value: unknown = JSON.parse(text);
  const argv = isFields(value) ? value['argv'] : value;
  return Array.isArray(argv) ? argv.filter((one) => typeof one === 'string') : [];
}

const isFolder = (path: string): boolean =>
  fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function textOf(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    throw new FakeAgentError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
