/** Tasks as resources: what is live is listed, every task can be read. */
import { isTendError } from '../../domain/errors.ts';
import { STATES, isTerminal } from '../../domain/lifecycle.ts';
import type { Calls } from './calls.ts';
import { line, safe, sentence } from './words.ts';

const SCHEME = 'tend://tasks/';
const LIVE = STATES.filter((state) => !isTerminal(state)).join(',');
const MOST = 100;
const LONGEST_OUTPUT = 64 * 1024;

export const taskUri = (id: string): string => `${SCHEME}${id}`;
export const outputUri = (id: string): string => `${SCHEME}${id}/output`;

/** What a URI names; null = nothing here. */
export function placeOf(uri: string): { id: string; part: 'task' | 'output' } | null {
  const [, id, output] = /^tend:\/\/tasks\/([A-Za-z0-9_-]{1,64})(\/output)?$/.exec(uri) ?? [];
  return id === undefined ? null : { id, part: output === undefined ? 'task' : 'output' };
}

export const TEMPLATES = [
  {
    uriTemplate: `${SCHEME}{id}`,
    name: 'task',
    title: 'A background task',
    description: 'Everything that is known of a task.',
    mimeType: 'application/json',
  },
  {
    uriTemplate: `${SCHEME}{id}/output`,
    name: 'output',
    title: 'What a task wrote',
    description: 'The end of its output, at most 64 KB.',
    mimeType: 'text/plain',
  },
];

/** Live tasks and their outputs, the newest first. */
export async function listed(calls: Calls, cursor: string | undefined, signal: AbortSignal) {
  const { tasks, nextCursor } = await calls.call(
    'list',
    { state: LIVE, limit: MOST, ...(cursor !== undefined && { cursor }) },
    signal,
  );
  const resources = tasks.flatMap((task) => {
    const title = line(task.title, 120);
    return [
      {
        uri: taskUri(task.id),
        name: task.id,
        title,
        description: sentence(task),
        mimeType: 'application/json',
      },
      {
        uri: outputUri(task.id),
        name: `${task.id}/output`,
        title: `Output of ${title}`,
        mimeType: 'text/plain',
      },
    ];
  });
  return { resources, ...(nextCursor !== null && { nextCursor }) };
}

/** What stands at a URI; null when there is no such task. */
export async function read(calls: Calls, uri: string, signal: AbortSignal) {
  const place = placeOf(uri);
  if (place === null) return null;
  try {
    const { id, part } = place;
    if (part === 'task') {
      const text = JSON.stringify(await calls.call('show', { id }, signal), null, 2);
      return { contents: [{ uri, mimeType: 'application/json', text }] };
    }
    const { text } = await calls.call('output', { id, tail: LONGEST_OUTPUT }, signal);
    return { contents: [{ uri, mimeType: 'text/plain', text: safe(text, LONGEST_OUTPUT) }] };
  } catch (error) {
    if (isTendError(error) && error.code === 'not_found') return null;
    throw error;
  }
}
