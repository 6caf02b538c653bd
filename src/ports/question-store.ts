import type { Attempt } from '../domain/attempt.ts';
import type { Task } from '../domain/task.ts';

/** An attempt that asked something, with its task as it is now. */
interface AskedIn {
  task: Task;
  attempt: Attempt;
}

/** What is kept so that questions are found without looking through all tasks. */
export interface QuestionStore {
  /** The attempts that asked something, answered or not, those that asked last first. */
  asked(limit: number): Promise<AskedIn[]>;
}
