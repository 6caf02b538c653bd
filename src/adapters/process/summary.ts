import * as fs from 'node:fs';
import { type OutputSummary, PREVIEW_BYTES } from '../../domain/attempt.ts';
import { type Stream, STREAMS } from '../../ports/output.ts';
import { openToRead } from './records.ts';
import type { SETUP } from './setup.ts';
import { textFrom } from './utf8.ts';

/** Enough of the failure channel to tell one failure from another. */
const TAIL_BYTES = 2_048;
const TAIL_LINES = 5;

/** Size and last growth (epoch ms) of one stream, or of what the setup wrote. */
interface Measure {
  bytes: number;
  changedAt: number;
}

export function measure(folder: string, name: Stream | typeof SETUP): Measure | null {
  const file = fs.lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
  return file?.isFile() === true ? { bytes: file.size, changedAt: Math.floor(file.mtimeMs) } : null;
}

/** Named after the stream: its front was cut off. */
export const cutMark = (folder: string, stream: Stream): string => `${folder}/${stream}.truncated`;

/** The output as it stands now, a few small reads whatever its size. */
export function summarize(folder: string): OutputSummary {
  const sizes = new Map<Stream, number>();
  for (const stream of STREAMS) {
    const bytes = measure(folder, stream)?.bytes;
    if (bytes !== undefined) sizes.set(stream, bytes);
  }
  const size = (stream: Stream): number => sizes.get(stream) ?? 0;
  const shown = (['output', 'stdout', 'stderr'] as const).find((stream) => size(stream) > 0);
  const failure = sizes.has('stderr') ? 'stderr' : 'output';
  const tail = (stream: Stream, bytes: number): string =>
    size(stream) === 0 ? '' : tailOf(`${folder}/${stream}`, size(stream), bytes);
  return {
    bytes: STREAMS.reduce((sum, stream) => sum + size(stream), 0),
    truncated: [...sizes.keys()].some((stream) => fs.existsSync(cutMark(folder, stream))),
    preview: shown === undefined ? '' : tail(shown, PREVIEW_BYTES),
    errorTail: lastLines(tail(failure, TAIL_BYTES), size(failure) > TAIL_BYTES),
  };
}

function tailOf(path: string, size: number, bytes: number): string {
  const fd = openToRead(path);
  if (fd === null) return '';
  try {
    const wanted = Buffer.alloc(Math.min(size, bytes));
    const got = fs.readSync(fd, wanted, 0, wanted.length, size - wanted.length);
    return textFrom(wanted.subarray(0, got), size > bytes);
  } finally {
    fs.closeSync(fd);
  }
}

/** `cut`: the first line may have lost its beginning. */
function lastLines(text: string, cut: boolean): string {
  const lines = text.trimEnd().split('\n');
  const whole = cut && lines.length > 1 ? lines.slice(1) : lines;
  return whole.slice(-TAIL_LINES).join('\n');
}
