/** What a person types to see fewer tasks: `words group:night owner:me state:failed agent:codex`. */
import type { Task } from '../client/index.ts';

const FIELDS = ['group', 'owner', 'state', 'agent', 'is'] as const;
type Field = (typeof FIELDS)[number];

export interface Filter {
  words: readonly string[];
  fields: readonly { field: Field; value: string }[];
}

const FIELD = new RegExp(`^(${FIELDS.join('|')}):(.*)$`, 's');

export function parseFilter(text: string): Filter {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = parts.map((part) => FIELD.exec(part));
  return {
    words: parts.filter((_, index) => found[index] === null),
    fields: found.flatMap((match) =>
      match === null || match[2] === ''
        ? []
        : [{ field: match[1] as Field, value: match[2] ?? '' }],
    ),
  };
}

/** Whether a task has all words in its id, title, group or agent, and all fields begin as they are given. */
export function matches(filter: Filter, task: Task, isOpen: boolean): boolean {
  const { words, fields } = filter;
  const value = (field: Field): string => {
    if (field === 'agent') return task.agent?.name ?? '';
    if (field === 'state') return task.state;
    if (field === 'is') return isOpen ? 'open' : 'ended';
    return task[field] ?? '';
  };
  if (!fields.every((one) => value(one.field).toLowerCase().startsWith(one.value))) return false;
  if (words.length === 0) return true;
  const text =
    `${task.id} ${task.title} ${task.group ?? ''} ${task.agent?.name ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The filter with this field set to `value`, or without it when it is set to that. */
export function toggled(text: string, field: 'group' | 'owner', value: string): string {
  // White space would begin another word.
  const part = `${field}:${value.split(/\s/, 1)[0] ?? ''}`;
  const parts = text.split(/\s+/).filter(Boolean);
  const others = parts.filter((one) => !one.startsWith(`${field}:`));
  return [...others, ...(parts.includes(part) ? [] : [part])].join(' ');
}
