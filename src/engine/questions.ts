import { type Asking, ASKING_STATES, answering } from '../domain/answering.ts';
import type { Attempt } from '../domain/attempt.ts';
import {
  type Answer,
  namedBy,
  type Question,
  questionId,
  questionState,
} from '../domain/question.ts';
import type { ReviewFacts } from '../domain/product.ts';
import { accepted, sentBack } from '../domain/review.ts';
import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import { ACCEPT, ACKNOWLEDGE, askedBy, drainedIn, REJECT, reviewOf } from './asked.ts';
import type { TaskPage } from '../ports/store.ts';
import type { Ports } from './context.ts';
import type { Asked, QuestionQuery, QuestionVerbs } from './question-facade.ts';
import * as refuse from './question-refusals.ts';
import type { Tasks } from './tasks.ts';
import { keepTold } from './worker-around.ts';

/** What the person's answers need of the engine. */
interface Around {
  ports: Ports;
  tasks: Tasks;
  find: (prefix: string) => Promise<Task>;
  /** Hurries a pass over a task that goes on. */
  wake: (id: TaskId) => void;
  /** An agent that failed too often may be used again. */
  acknowledge: (agent: string) => Promise<unknown>;
  /** Tells who follows. */
  note: (task: Task, noted: 'answered') => void;
}

type Answered = Awaited<ReturnType<QuestionVerbs['answer']>>;

/** Most questions that are not open any more in one list. */
const MOST_PAST = 200;
const PAGE = 500;

/** Lists what waits for a person's word, and takes it. */
export class Questions implements QuestionVerbs {
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  async list({ owner, taskId, all }: QuestionQuery): Promise<Asked[]> {
    const found = [
      ...(taskId === null ? await this.#open() : await this.#ofTask(taskId, all)),
      ...(taskId === null && all ? await this.#past() : []),
    ];
    return found
      .filter((one) => owner === null || one.owner === null || one.owner === owner)
      .sort((a, b) => a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1));
  }

  /** Parked ones, those of running attempts, reviews, drained agents. */
  async #open(): Promise<Asked[]> {
    const { store } = this.#around.ports;
    const running = [...this.#around.tasks.live.values()];
    const parked = await this.#inState('awaiting_input');
    const reviews = await this.#inState('awaiting_review');
    // One that parked between the two looks is seen twice.
    const asking = new Map([...running, ...parked].map((task) => [task.id, task]));
    const now = this.#now();
    return [
      ...[...asking.values()].flatMap((task) => this.#asked(task, task.attempt, now)),
      ...reviews.flatMap(reviewIn),
      ...drainedIn(await store.holds()),
    ].filter(({ state }) => state === 'open');
  }

  async #inState(state: 'awaiting_input' | 'awaiting_review'): Promise<Task[]> {
    const tasks: Task[] = [];
    for (let cursor: string | undefined | null; cursor !== null;) {
      const from = cursor === undefined ? {} : { cursor };
      const page: TaskPage = await this.#around.ports.store.list({
        states: [state],
        limit: PAGE,
        ...from,
      });
      tasks.push(...page.tasks);
      cursor = page.nextCursor;
    }
    return tasks;
  }

  async #past(): Promise<Asked[]> {
    const now = this.#now();
    return (await this.#around.ports.store.asked(MOST_PAST))
      .flatMap(({ task, attempt }) => this.#asked(task, attempt, now))
      .filter(({ state }) => state !== 'open');
  }

  async #ofTask(id: TaskId, all: boolean): Promise<Asked[]> {
    const task = await this.#around.find(id);
    const attempts = await this.#around.ports.store.attempts(task.id);
    const now = this.#now();
    const asked = attempts.flatMap((attempt) => this.#asked(task, attempt, now));
    return [...asked, ...reviewIn(task)].filter(({ state }) => all || state === 'open');
  }

  #asked(task: Task, attempt: Attempt | null, now: number): Asked[] {
    const question = attempt?.worker?.question;
    return attempt === null || question === undefined
      ? []
      : [askedBy(task, attempt, question, now)];
  }

  #now(): number {
    return this.#around.ports.clock.now();
  }

  async answer(idOrTask: string, text: string, by: string): Promise<Answered> {
    const named = namedBy(idOrTask);
    if (named.kind === 'drained') return this.#answerDrained(idOrTask, named.agent, text, by);
    for (;;) {
      const task = await this.#taskOf(named, idOrTask);
      const isReview =
        named.kind === 'review' || (named.kind === 'task' && task.state === 'awaiting_review');
      const answer = { text, at: this.#now(), by };
      const answered = isReview
        ? await this.#answerReview(
            task,
            idOrTask,
            named.kind === 'review' ? named.attempt : null,
            answer,
          )
        : await this.#answerQuestion(
            task,
            idOrTask,
            named.kind === 'question' ? named.attempt : null,
            answer,
          );
      if (answered === null) continue;
      this.#around.wake(task.id);
      return answered;
    }
  }

  async #taskOf(
    named: Exclude<ReturnType<typeof namedBy>, { kind: 'drained' }>,
    id: string,
  ): Promise<Task> {
    if (named.kind === 'task') return this.#around.find(named.prefix);
    const task = await this.#around.tasks.get(named.taskId);
    const own = id.replace(/w$/, '');
    if (task !== null && questionId(task, named.attempt) === own) return task;
    throw refuse.noQuestion(id);
  }

  /** Null = the task moved on meanwhile. */
  async #answerQuestion(
    task: Task,
    id: string,
    number: number | null,
    answer: Answer,
  ): Promise<Answered | null> {
    const attempt = await this.#attemptOf(task, number);
    const question = attempt?.worker?.question;
    if (attempt === null || question === undefined)
      throw number === null ? refuse.asksNothing(task, reviewedIn(attempt)) : refuse.noQuestion(id);
    const state = questionState(task, attempt, question, answer.at);
    if (state !== 'open') throw refuse.notOpen(task, question, state);
    const moved = await this.#take(task as Asking, question, answer);
    const told = moved?.attempt?.worker?.question;
    if (moved === null || moved.attempt === null || told === undefined) return null;
    await keepTold(this.#around.ports, moved);
    return { asked: askedBy(moved, moved.attempt, told, answer.at), task: moved };
  }

  async #take(task: Asking, question: Question, answer: Answer): Promise<Task | null> {
    if (!ASKING_STATES.includes(task.state)) return null;
    const what = answering(task, question, answer);
    if ('event' in what) return this.#around.tasks.commit(task, [what]);
    const told = await this.#around.tasks.amend(what);
    if (told !== null) this.#around.note(told, 'answered');
    return told;
  }

  async #attemptOf(task: Task, number: number | null): Promise<Attempt | null> {
    if (number === null || number === task.attempt?.number) return task.attempt;
    const attempts = await this.#around.ports.store.attempts(task.id);
    return attempts.find((one) => one?.number === number) ?? null;
  }

  /** Null = the task moved on meanwhile. */
  async #answerReview(
    task: Task,
    id: string,
    number: number | null,
    answer: Answer,
  ): Promise<Answered | null> {
    const isCurrent = number === null || number === task.attempt?.number;
    if (task.state !== 'awaiting_review' || !isCurrent) {
      const attempt = await this.#attemptOf(task, number);
      const review = reviewedIn(attempt);
      if (review !== undefined) throw refuse.reviewed(task, review);
      throw isEnded(task) ? refuse.isOver(task) : refuse.noQuestion(id);
    }
    const word = answer.text.trim();
    const { at } = answer;
    const step =
      word.toLowerCase() === ACCEPT
        ? accepted(task, at)
        : sentBack(task, word.toLowerCase() === REJECT ? null : word, at);
    const asked: Asked = { ...reviewOf(task), state: 'answered', answer };
    const moved = await this.#around.tasks.commit(task, [step]);
    return moved === null ? null : { asked, task: moved };
  }

  async #answerDrained(id: string, agent: string, text: string, by: string): Promise<Answered> {
    const asked = drainedIn(await this.#around.ports.store.holds()).find((one) => one.id === id);
    if (asked === undefined) throw refuse.noQuestion(id);
    if (text.trim().toLowerCase() !== ACKNOWLEDGE) throw refuse.notAmong(id, [ACKNOWLEDGE]);
    await this.#around.acknowledge(agent);
    return {
      asked: { ...asked, state: 'answered', answer: { text, at: this.#now(), by } },
      task: null,
    };
  }
}

const reviewIn = (task: Task): Asked[] =>
  task.state === 'awaiting_review' ? [reviewOf(task)] : [];

const reviewedIn = (attempt: Attempt | null): ReviewFacts | undefined =>
  attempt !== null && 'product' in attempt ? attempt.product?.review : undefined;
