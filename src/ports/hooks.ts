import type { TaskIn } from '../domain/task.ts';

/** Commands of the person that are asked before something happens. */
export interface Hooks {
  /**
   * Why the attempt must not start; null = it may. What does not answer in time, or cannot be run, is a veto, too. Rejects
   * when it was interrupted: then it is asked again.
   */
  beforeRun(task: TaskIn<'claimed'>): Promise<string | null>;
}
