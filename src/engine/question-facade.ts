import type { Asker, Question, QuestionState } from '../domain/question.ts';
import type { Task, TaskId } from '../domain/task.ts';

/**
 * What waits for a person's word: a worker's question or its request for a permission, work to be reviewed, or an agent
 * that failed too often in a row. The last two follow from the task's state and from the holds, and are no rows of their own.
 */
export interface Asked {
  id: string;
  kind: Asker | 'review' | 'drained';
  /** The task that stands still; null for an agent that is drained. */
  taskId: TaskId | null;
  owner: string | null;
  text: string;
  options: readonly string[];
  context: string;
  askedAt: number;
  deadlineAt: number | null;
  fallback: string | null;
  state: QuestionState;
  answer: Question['answer'];
}

export interface QuestionQuery {
  owner: string | null;
  taskId: TaskId | null;
  /** Those that are answered, expired or closed, too; at most the newest 200. */
  all: boolean;
}

export interface QuestionVerbs {
  /** The oldest first. */
  list(query: QuestionQuery): Promise<Asked[]>;
  /**
   * Answers the question with this id, or the open one of the task with this id: the first answer wins. Throws
   * `not_found`, `already_answered` (with what was said, and the state of its task) or `question_expired`.
   */
  answer(idOrTask: string, text: string, by: string): Promise<{ asked: Asked; task: Task | null }>;
}
