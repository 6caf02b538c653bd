/** Tasks as MCP's own long-running tasks, of both generations of the protocol: the handle is the id of our task. */
import { TendError } from '../../domain/errors.ts';
import type { Task } from '../client/index.ts';
import type { ToolResult } from './call.ts';
import type { Calls } from './calls.ts';
import { started } from './run-tool.ts';
import { hasEnded, line, safe, sentence } from './words.ts';

/** The extension's name, from 2026-07-28 on; before, tasks are part of the protocol. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
const RELATED_TASK = 'io.modelcontextprotocol/related-task';
const POLL = 5_000;

type Status = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** What changed last. */
const updatedAt = ({ endedAt, lastActivityAt, startedAt, createdAt }: Task): string =>
  endedAt ?? lastActivityAt ?? startedAt ?? createdAt;

const common = (task: Task, status: Status) => ({
  taskId: task.id,
  status,
  statusMessage: sentence(task),
  createdAt: task.createdAt,
  lastUpdatedAt: updatedAt(task),
});

/** As of 2025-11-25. A question is told in the message: there, `input_required` would promise a request to the client. */
export function legacyTask(task: Task) {
  return { ...common(task, legacyStatus(task)), ttl: null, pollInterval: POLL };
}

function legacyStatus(task: Task): Status {
  if (!hasEnded(task)) return 'working';
  if (task.state === 'completed') return 'completed';
  return task.state === 'cancelled' ? 'cancelled' : 'failed';
}

/** As of the extension; `failed` is kept for errors of the protocol, a task that failed has a result that says so. */
export function modernTask(task: Task, mayAsk: boolean) {
  const status = modernStatus(task, mayAsk);
  return { ...common(task, status), ttlMs: null, pollIntervalMs: POLL };
}

function modernStatus(task: Task, mayAsk: boolean): Status {
  if (task.state === 'cancelled') return 'cancelled';
  if (hasEnded(task)) return 'completed';
  return mayAsk && openQuestion(task) !== null ? 'input_required' : 'working';
}

type Open = NonNullable<Task['question']>;

const openQuestion = ({ question }: Task): Open | null =>
  question?.state === 'open' ? question : null;

/** The same with what its status carries: the result, or what it asks. */
export function detailedTask(task: Task, mayAsk: boolean) {
  const plain = modernTask(task, mayAsk);
  const question = openQuestion(task);
  if (plain.status === 'completed')
    return { ...plain, result: { resultType: 'complete', ...resultOf(task) } };
  if (plain.status !== 'input_required' || question === null) return plain;
  return { ...plain, inputRequests: { [question.id]: elicitation(task, question) } };
}

function elicitation(task: Task, { question, options }: Open) {
  const answer =
    options.length === 0
      ? { type: 'string', title: 'Answer' }
      : { type: 'string', title: 'Answer', enum: options.map((one) => line(one, 200)) };
  return {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message: `${task.id} asks: ${safe(question, 2_000)}`,
      requestedSchema: { type: 'object', properties: { answer }, required: ['answer'] },
    },
  };
}

/** What the call that made the task would have answered, had it waited. */
function resultOf(task: Task): ToolResult {
  const { structured, text } = started(task);
  return {
    content: [{ type: 'text', text }],
    structuredContent: { ...structured },
    ...(task.state !== 'completed' && { isError: true }),
  };
}

/** As the answer to `tasks/result`. */
export const relatedResult = (task: Task) => ({
  ...resultOf(task),
  _meta: { [RELATED_TASK]: { taskId: task.id } },
});

/** The task with exactly this id: a handle is never a prefix. */
export async function handled(calls: Calls, id: string, signal: AbortSignal): Promise<Task> {
  const task = await calls.call('show', { id }, signal);
  if (task.id === id) return task;
  throw new TendError(
    'not_found',
    `there is no task ${line(id, 100)}`,
    'Use the id as it was given.',
  );
}

/** What a client answered to an elicitation; null = it declined. */
export function answerIn(response: unknown): string | null {
  const { action, content } = (response ?? {}) as {
    action?: unknown;
    content?: { answer?: unknown };
  };
  return action === 'accept' && typeof content?.answer === 'string' ? content.answer : null;
}
