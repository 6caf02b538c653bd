/** One line that a person types. */
import type { Key } from './keys.ts';
import { cells, graphemes, oneLine } from './text.ts';

export interface Line {
  /** What stands before the cursor, and what behind it. */
  readonly before: string;
  readonly after: string;
}

export const lineOf = (text: string): Line => ({ before: text, after: '' });

export const textOf = ({ before, after }: Line): string => before + after;

/** The line after a key; null when the key is none that edits. */
export function edited(line: Line, key: Key, longest: number): Line | null {
  const { before, after } = line;
  if (key.is === 'text' || key.is === 'paste') {
    const text = key.is === 'text' ? key.text : oneLine(key.text);
    const room = Math.max(0, longest - textOf(line).length);
    return { before: before + text.slice(0, room), after };
  }
  if (key.is !== 'key') return null;
  switch (key.name) {
    case 'backspace':
      return { before: before.slice(0, before.length - last(before).length), after };
    case 'delete':
      return { before, after: after.slice(first(after).length) };
    case 'left': {
      const moved = last(before);
      return { before: before.slice(0, before.length - moved.length), after: moved + after };
    }
    case 'right': {
      const moved = first(after);
      return { before: before + moved, after: after.slice(moved.length) };
    }
    case 'home':
      return { before: '', after: before + after };
    case 'end':
      return lineOf(before + after);
    case 'ctrl-u':
      return { before: '', after };
    case 'ctrl-w':
      return { before: before.replace(/\S*\s*$/, ''), after };
    default:
      return null;
  }
}

const all = (text: string): string[] => Array.from(graphemes(text), ({ segment }) => segment);
const last = (text: string): string => all(text.slice(-64)).at(-1) ?? '';
const first = (text: string): string => all(text.slice(0, 64))[0] ?? '';

/** The part of the line around the cursor that has room, and the column of the cursor in it. */
export function shown({ before, after }: Line, columns: number): { text: string; cursor: number } {
  const room = Math.max(1, columns - 1);
  let text = '';
  let cursor = 0;
  for (const segment of all(oneLine(before)).toReversed()) {
    if (cursor + cells(segment) > room) break;
    text = segment + text;
    cursor += cells(segment);
  }
  let used = cursor;
  for (const segment of all(oneLine(after))) {
    used += cells(segment);
    if (used > room) break;
    text += segment;
  }
  return { text, cursor };
}
