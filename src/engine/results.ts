import type { AgentWork } from '../domain/agent-work.ts';
import type { EndedAttempt } from '../domain/attempt.ts';
import { cutMiddle } from '../domain/cut.ts';
import { type Result, withResults } from '../domain/results.ts';
import { toldIn, wordsTold } from '../domain/told-result.ts';
import { type EndedTask, isEnded, type Task, type TaskId } from '../domain/task.ts';
import type { Ports } from './context.ts';
import { attemptRef, streamsOf } from './observe.ts';

/** So much of the end of a command's output is told, bytes. */
const OUTPUT_TOLD = 8 * 1024;
/** Longest answer that is told, characters. */
const ANSWER_TOLD = 20_000;

/**
 * The work of an agent's task with the results that it asked for in its prompts. They belong to tasks that have ended,
 * and that nobody may remove while this one goes on: the answer is the same whenever it is asked.
 */
export async function informed(ports: Ports, task: Task): Promise<AgentWork> {
  const work = task.spec.work as AgentWork;
  const { contextFrom = [] } = task.spec;
  if (contextFrom.length === 0) return work;
  const results = await Promise.all(contextFrom.map((id) => resultOf(ports, id)));
  const told = (prompt: string): string => withResults(prompt, results);
  // A session that goes on knows them already.
  return work.resume === null
    ? { ...work, prompt: told(work.prompt) }
    : { ...work, resume: { ...work.resume, fresh: told(work.resume.fresh) } };
}

async function resultOf(ports: Ports, id: TaskId): Promise<Result> {
  const task = await ports.store.get(id);
  if (task === null)
    return { id, title: null, ended: 'was removed: nothing is known of it', what: '', text: '' };
  const { title } = task.spec;
  if (!isEnded(task)) return { id, title, ended: 'has not ended yet', what: '', text: '' };
  return { id, title, ended: inWords(task), ...(await outcomeOf(ports, task)) };
}

async function outcomeOf(ports: Ports, task: EndedTask): Promise<Pick<Result, 'what' | 'text'>> {
  const { attempt } = task;
  if (attempt === null) return { what: '', text: '' };
  if (task.spec.work.kind === 'command')
    return { what: 'The end of its output', text: await outputOf(ports, task, attempt) };
  return {
    what: attempt.outcome.kind === 'ok' ? 'Its answer' : 'Its last words',
    text: cutMiddle(wordsTold(toldIn(attempt)), ANSWER_TOLD),
  };
}

/** As it stood when the task ended: what it left behind may write on. */
async function outputOf(
  { output }: Ports,
  task: EndedTask,
  attempt: EndedAttempt,
): Promise<string> {
  const ref = attemptRef(task.id, attempt);
  const [stream = 'output'] = streamsOf(task);
  const { bytes, truncated } = attempt.output;
  // Of two streams only their sum is known, and one whose front was cut off is written by nobody any more.
  const { data } =
    stream !== 'output' || truncated
      ? await output.tail(ref, stream, OUTPUT_TOLD)
      : await output.read(
          ref,
          stream,
          Math.max(0, bytes - OUTPUT_TOLD),
          Math.min(bytes, OUTPUT_TOLD),
        );
  // Half a character at the cut.
  return new TextDecoder().decode(data).replace(/^\ufffd{1,3}/, '');
}

function inWords(task: EndedTask): string {
  const { attempt } = task;
  switch (task.state) {
    case 'completed':
      return 'completed';
    case 'cancelled':
      return 'was stopped';
    case 'skipped':
      return `was skipped (${task.reason.replaceAll('_', ' ')})`;
    case 'failed': {
      const exit = attempt?.exit ?? null;
      const code = task.reason === 'exit_code' && exit !== null && 'code' in exit;
      return `failed (${task.reason.replaceAll('_', ' ')}${code ? ` ${exit.code}` : ''})`;
    }
  }
}
