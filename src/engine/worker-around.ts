import { TendError } from '../domain/errors.ts';
import { type Question, questionId } from '../domain/question.ts';
import { amend, type Amendment, type Task, type TaskIn } from '../domain/task.ts';
import { type WorkerFacts, withWorker } from '../domain/worker.ts';
import type { Ports, Settings } from './context.ts';
import type { Feed, Noted } from './feed.ts';
import { attemptRef } from './observe.ts';
import type { Tasks } from './tasks.ts';

/** A task whose attempt a worker works on. */
export type Working = TaskIn<'claimed' | 'running' | 'stopping'>;

/** What the verbs of a worker need of the engine. */
export interface WorkerAround {
  ports: Ports;
  settings: Settings;
  tasks: Tasks;
  feed: Feed;
}

/** What is asked, as far as the asker decides it. */
export type NewQuestion = Omit<Question, 'id' | 'askedAt' | 'answer'>;

/** The task whose attempt the token is good for. Throws `unauthorized`, or `already_ended` where the attempt is over. */
export async function workingOn({ ports, tasks }: WorkerAround, token: string): Promise<Working> {
  const place = ports.tokens.read(token);
  const task = place === null ? null : await tasks.get(place.taskId);
  if (place === null || task === null || Math.floor(task.createdAt) !== place.createdAt)
    throw new TendError(
      'unauthorized',
      'the token of the worker is none that was given here',
      'Only the agent of a running attempt has one, in TEND_WORKER_TOKEN.',
    );
  const isWorking =
    task.state === 'claimed' || task.state === 'running' || task.state === 'stopping';
  if (isWorking && task.attempt.number === place.attempt) return task;
  throw new TendError(
    'already_ended',
    `attempt ${place.attempt} of ${task.id} is over: the task is ${task.state}`,
    'Stop now: nothing that is done here counts any more.',
  );
}

/**
 * Stores what the worker told, as it is decided of the task as it is, and notes it as `noted`; null = nothing is
 * to be stored. Whom a question is for is told of it.
 */
export async function tell(
  around: WorkerAround,
  token: string,
  decide: (worker: WorkerFacts, task: Working) => WorkerFacts | null,
  noted: Noted | null = null,
): Promise<Working> {
  for (;;) {
    const task = await workingOn(around, token);
    const told = decide(task.attempt.worker ?? {}, task);
    if (told === null) return task;
    const cwd = noted === 'asked' ? task.spec.cwd : null;
    const stored = await around.tasks.amend(telling(task, told), cwd);
    if (stored === null) continue;
    if (noted !== null) around.feed.note(stored, noted);
    if (noted !== 'progress') await keepTold(around.ports, stored);
    return stored as Working;
  }
}

function telling(task: Working, told: WorkerFacts): Amendment {
  switch (task.state) {
    case 'claimed':
      return amend(task, { attempt: withWorker(task.attempt, told) });
    case 'running':
      return amend(task, { attempt: withWorker(task.attempt, told) });
    case 'stopping':
      return amend(task, { attempt: withWorker(task.attempt, told), stop: task.stop });
  }
}

/**
 * Asks a person for the worker; where it has asked already, answers that question as it is now. Throws `already_finished`
 * after `finish`, `already_ended` when the attempt is being stopped.
 */
export async function askPerson(
  around: WorkerAround,
  token: string,
  asked: NewQuestion,
): Promise<Question> {
  let question: Question | undefined;
  const decide = (worker: WorkerFacts, task: Working): WorkerFacts | null => {
    question = worker.question;
    if (question !== undefined) return null;
    if (worker.finish !== undefined) throw asksTooLate(task.id);
    if (task.state === 'stopping') throw isStopping(task.id);
    const askedAt = around.ports.clock.now();
    question = { ...asked, id: questionId(task, task.attempt.number), askedAt, answer: null };
    return { question };
  };
  const task = await tell(around, token, decide, 'asked');
  return task.attempt.worker?.question ?? (question as Question);
}

/** When a question is too late that waits `within` ms, or as long as is configured; null = never. */
export function deadlineFor(
  { ports, settings }: WorkerAround,
  within: number | null,
): number | null {
  const patience = within ?? settings.questionDeadline;
  return patience === null || patience === 0 ? null : ports.clock.now() + patience;
}

const asksTooLate = (id: Task['id']): TendError =>
  new TendError(
    'already_finished',
    `this attempt of ${id} has told its result: it has nothing left to ask`,
    'End now; what is still open belongs into the checks of finish.',
  );

const isStopping = (id: Task['id']): TendError =>
  new TendError(
    'already_ended',
    `${id} is being stopped: nobody can answer this attempt any more`,
    'Stop now.',
  );

/** What was told is durable: that its copy could not be written is no reason to refuse it. */
export async function keepTold({ supervisor }: Ports, { id, attempt }: Task): Promise<void> {
  if (attempt?.worker === undefined) return;
  await supervisor.keepTold(attemptRef(id, attempt), attempt.worker).catch(() => undefined);
}
