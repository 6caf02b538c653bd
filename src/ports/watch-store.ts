import type { Delivery } from '../domain/delivery.ts';
import type { TaskId } from '../domain/task.ts';
import type { Watch } from '../domain/watch.ts';

/** Watches over what tasks write; they go with their task. */
export interface WatchStore {
  /** `full` = the task has `most` of them; `gone` = there is no such task. */
  addWatch(watch: Watch, most: number): Promise<'added' | 'full' | 'gone'>;
  /** Of a task, or of all, the oldest first. */
  watches(taskId?: TaskId): Promise<Watch[]>;
  /**
   * Stores where the watch stands together with what was found up to there; `over` = it is forgotten, with that told.
   * False when it is gone: then nothing is stored. A delivery whose id is known is left out.
   */
  putWatch(watch: Watch, deliveries: readonly Delivery[], over: boolean): Promise<boolean>;
  /** Forgets a watch; false when there was none. */
  dropWatch(id: string): Promise<boolean>;
}
