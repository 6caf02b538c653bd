/** What tasks write, brought to a terminal or a pipe. */
import type { Client, OutputSlice } from '../client/index.ts';
import type { Printer } from './print.ts';
import { SafeText } from './text.ts';

/** Takes the bytes of one stream. */
export interface Sink {
  write(data: Uint8Array): Promise<void>;
  /** Writes what was held back; the last line is ended when `finishLine` is set. */
  end(finishLine?: boolean): Promise<void>;
}

/** Exact bytes for a pipe or when `raw`; made safe for a terminal. */
export function openSink(printer: Printer, raw: boolean): Sink {
  const safe = printer.isTerminal && !raw ? new SafeText(printer.colours) : null;
  let openLine = false;
  const put = async (data: string | Uint8Array): Promise<void> => {
    if (data.length === 0) return;
    openLine = data.at(-1) !== (typeof data === 'string' ? '\n' : 10);
    await printer.write(data);
  };
  return {
    write: (data) => put(safe === null ? data : safe.write(data)),
    async end(finishLine = printer.isTerminal) {
      if (safe !== null) await put(safe.end());
      if (finishLine && openLine) await put('\n');
    },
  };
}

export const bytesOf = (slice: OutputSlice): Buffer => Buffer.from(slice.base64, 'base64');

export interface FollowOptions {
  stream?: 'output' | 'stdout' | 'stderr';
  attempt?: number;
  offset?: number;
  signal: AbortSignal;
}

/** Slices of a task's stream until the task has ended. */
export async function* slices(
  client: Client,
  id: string,
  { stream, attempt, offset = 0, signal }: FollowOptions,
): AsyncGenerator<OutputSlice> {
  const input = {
    id,
    offset,
    ...(stream !== undefined && { stream }),
    ...(attempt !== undefined && { attempt }),
  };
  for await (const { data } of client.follow(input, { signal })) yield data;
}

/** Copies a stream of a task into `sink` until the task has ended or `signal` aborts. */
export async function copy(
  client: Client,
  id: string,
  sink: Sink,
  options: FollowOptions,
): Promise<void> {
  try {
    for await (const slice of slices(client, id, options)) await sink.write(bytesOf(slice));
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}
