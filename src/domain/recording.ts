import type { Exit } from './attempt.ts';
import { TendError } from './errors.ts';

/** A piece of output as it was written: `at` = ms since the start. */
export interface RecordedChunk {
  at: number;
  stream: 'stdout' | 'stderr';
  bytes: Uint8Array;
}

/** One run of a program, to be played again: what it wrote, when, and how it ended. */
export interface Recording {
  agent: string;
  /** The program first. */
  argv: readonly string[];
  cwd: string;
  /** Epoch ms. */
  startedAt: number;
  /** Null = the end was not seen. */
  exit: Exit | null;
  chunks: readonly RecordedChunk[];
}

/** How many bytes each stream had `at` ms after the start. */
interface TimingPoint {
  at: number;
  stdout: number;
  stderr: number;
}

export interface RecordedStreams {
  stdout: Uint8Array;
  stderr: Uint8Array;
  timing: readonly TimingPoint[];
}

const MARK = 'recording';
const SCHEMA = 1;

/** The first line of a recording's file begins so. */
export const RECORDING_START = `{"tend":"${MARK}"`;

/** A recording as the text of its file: a header and a line for each piece. */
export const formatRecording = ({ chunks, ...header }: Recording): string =>
  [recordedHeader(header), ...chunks.map(recordedLine)].join('');

/** The first line of a recording. */
export const recordedHeader = ({
  agent,
  argv,
  cwd,
  startedAt,
  exit,
}: Omit<Recording, 'chunks'>): string =>
  `${JSON.stringify({ tend: MARK, schema: SCHEMA, agent, argv, cwd, startedAt, exit })}\n`;

/** The line of one piece. */
export const recordedLine = ({ at, stream, bytes }: RecordedChunk): string =>
  `${JSON.stringify({ at, stream, ...contentOf(bytes) })}\n`;

/** The recording that a file's text holds. Throws TendError `invalid_input` with the line that is none. */
export function parseRecording(text: string): Recording {
  const [first = '', ...rest] = text.split('\n');
  const header = headerOf(objectAt(first, 1));
  const chunks = rest.flatMap((line, index) =>
    line === '' ? [] : [chunkOf(objectAt(line, index + 2), index + 2)],
  );
  return { ...header, chunks };
}

type Fields = Readonly<Record<string, unknown>>;

const wrong = (line: number, what: string): TendError =>
  new TendError('invalid_input', `line ${line} of the recording ${what}`, 'Record it again.');

function objectAt(text: string, line: number): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // said below
  }
  throw wrong(line, 'is no JSON object');
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function headerOf(of: Fields): Omit<Recording, 'chunks'> {
  if (of['tend'] !== MARK) throw wrong(1, 'is no header of a recording');
  if (of['schema'] !== SCHEMA)
    throw new TendError(
      'invalid_input',
      `the recording has schema ${JSON.stringify(of['schema'])}, known is ${SCHEMA}`,
      'Use the version of tend that made it, or record it again.',
    );
  const { agent, argv, cwd, startedAt } = of;
  const exit = exitOf(of['exit']);
  if (typeof agent !== 'string') throw wrong(1, 'names no agent');
  if (!Array.isArray(argv) || !argv.every((one) => typeof one === 'string'))
    throw wrong(1, 'has no list of arguments');
  if (typeof cwd !== 'string') throw wrong(1, 'names no working directory');
  if (!isCount(startedAt)) throw wrong(1, 'has no time of the start');
  if (exit === undefined) throw wrong(1, 'has no exit');
  return { agent, argv, cwd, startedAt, exit };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Undefined = it is none. */
function exitOf(value: unknown): Exit | null | undefined {
  if (value === null) return null;
  if (!isObject(value)) return undefined;
  const { code, signal } = value;
  if (typeof signal === 'string') return { signal };
  return isCount(code) ? { code } : undefined;
}

function chunkOf({ at, stream, data, base64 }: Fields, line: number): RecordedChunk {
  if (!isCount(at)) throw wrong(line, 'has no time');
  if (stream !== 'stdout' && stream !== 'stderr') throw wrong(line, 'names no stream');
  if (typeof data === 'string') return { at, stream, bytes: new TextEncoder().encode(data) };
  const bytes = typeof base64 === 'string' ? bytesOf(base64) : null;
  if (bytes === null) throw wrong(line, 'has no data');
  return { at, stream, bytes };
}

/** Text where the bytes are text, so that a recording can be read and edited. */
function contentOf(bytes: Uint8Array): { data: string } | { base64: string } {
  try {
    return { data: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  }
}

/** Null = no base64. */
function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The pieces in the order in which they were seen; what no point covers came with the last one. */
export function chunksOf({ stdout, stderr, timing }: RecordedStreams): RecordedChunk[] {
  const whole = { stdout, stderr };
  const taken = { stdout: 0, stderr: 0 };
  const chunks: RecordedChunk[] = [];
  let at = 0;
  const take = (stream: 'stdout' | 'stderr', to: number): void => {
    const bytes = whole[stream].subarray(taken[stream], to);
    if (bytes.length === 0) return;
    taken[stream] += bytes.length;
    chunks.push({ at, stream, bytes });
  };
  for (const point of timing) {
    at = Math.max(at, point.at);
    take('stdout', point.stdout);
    take('stderr', point.stderr);
  }
  take('stdout', stdout.length);
  take('stderr', stderr.length);
  return chunks;
}

/** The streams that the pieces make, with a point for each moment at which something was written. */
export function streamsOf(chunks: readonly RecordedChunk[]): RecordedStreams {
  const timing: TimingPoint[] = [];
  const length = { stdout: 0, stderr: 0 };
  for (const { at, stream, bytes } of chunks) {
    length[stream] += bytes.length;
    if (timing.at(-1)?.at === at) timing.pop();
    timing.push({ at, ...length });
  }
  return { stdout: joined(chunks, 'stdout'), stderr: joined(chunks, 'stderr'), timing };
}

function joined(chunks: readonly RecordedChunk[], stream: 'stdout' | 'stderr'): Uint8Array {
  const parts = chunks.filter((chunk) => chunk.stream === stream).map(({ bytes }) => bytes);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
