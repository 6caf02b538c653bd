import type { RecordedChunk } from '../../domain/recording.ts';
import { isFields } from './script.ts';

/** What stands for the placeholders. */
export interface Values {
  session: string;
  cwd: string;
  prompt: string;
  /** The last line that was read from stdin. */
  line: string;
}

/** Puts values in the place of what stands in a text. */
export interface Substitution {
  find: RegExp;
  /** What comes in the place of `found`; null = it stays. */
  by: (found: string) => string | null;
}

const PLACEHOLDER = /\{\{(session|cwd|prompt|line)((?:\.\w+)*)\}\}/g;

/** The placeholders `{{session}}`, `{{cwd}}`, `{{prompt}}`, `{{line}}` and `{{line.some.field}}`. */
export const placeholders = (values: Values): Substitution => ({
  find: PLACEHOLDER,
  by: (found) => {
    const [name = '', ...path] = found.slice(2, -2).split('.');
    const value = values[name as keyof Values];
    return path.length === 0 ? value : name === 'line' ? fieldOf(value, path) : null;
  },
});

function fieldOf(line: string, path: readonly string[]): string | null {
  try {
    const whole: unknown = JSON.parse(line);
    const value = path.reduce<unknown>((of, key) => (isFields(of) ? of[key] : undefined), whole);
    return value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return null;
  }
}

/** `to` wherever `from` stands in the bytes of a recording. */
export const instead = (from: string, to: string): Substitution => ({
  find: new RegExp(latin1(Buffer.from(from)).replace(/\W/g, String.raw`\$&`), 'g'),
  by: () => to,
});

interface Edit {
  from: number;
  to: number;
  by: string;
}

/** A value inside a line of JSON is written as JSON writes it. */
function edits(text: string, { find, by }: Substitution): Edit[] {
  return [...text.matchAll(find)].flatMap(({ 0: found, index }) => {
    const value = by(found);
    if (value === null) return [];
    const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
    const written = /^\s*[{[]/.test(line) ? JSON.stringify(value).slice(1, -1) : value;
    return [{ from: index, to: index + found.length, by: written }];
  });
}

/** The text with its values. */
export const filled = (text: string, substitution: Substitution): string =>
  applied(text, edits(text, substitution), 0, text.length);

/** Every text inside a value of JSON with its values. */
export function filledDeep(value: unknown, substitution: Substitution): unknown {
  if (typeof value === 'string')
    return value.replace(substitution.find, (found) => substitution.by(found) ?? found);
  if (Array.isArray(value)) return value.map((one) => filledDeep(one, substitution));
  if (!isFields(value) || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, filledDeep(one, substitution)]),
  );
}

/** The part of the text from `start` to `end` after the edits; an edit counts where it ends. */
function applied(text: string, all: readonly Edit[], start: number, end: number): string {
  let result = '';
  let at = start;
  for (const { from, to, by } of all) {
    if (to <= start || from >= end) continue;
    result += text.slice(at, Math.max(at, from));
    if (to <= end) result += by;
    at = Math.min(to, end);
  }
  return result + text.slice(at, end);
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** The pieces with their values, also where one stands across two pieces; all other bytes stay as they are. */
export function filledChunks(
  chunks: readonly RecordedChunk[],
  { find, by }: Substitution,
): RecordedChunk[] {
  // Bytes as characters: a recording may hold what is no text.
  const asBytes: Substitution = {
    find,
    by: (found) => {
      const value = by(found);
      return value === null ? null : latin1(Buffer.from(value));
    },
  };
  const streams = { stdout: '', stderr: '' };
  for (const { stream, bytes } of chunks) streams[stream] += latin1(bytes);
  const all = { stdout: edits(streams.stdout, asBytes), stderr: edits(streams.stderr, asBytes) };
  const at = { stdout: 0, stderr: 0 };
  return chunks.map((chunk) => {
    const { stream, bytes } = chunk;
    const start = at[stream];
    at[stream] += bytes.length;
    const text = applied(streams[stream], all[stream], start, at[stream]);
    return { ...chunk, bytes: Buffer.from(text, 'latin1') };
  });
}
