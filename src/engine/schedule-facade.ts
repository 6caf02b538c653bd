import type { CatchUp, Overlap, Schedule, When } from '../domain/schedule.ts';
import type { Task } from '../domain/task.ts';
import type { SubmitRequest } from './facade.ts';

/** What a schedule submits at each firing; the environment is kept by its name. */
export type ScheduledRequest = Omit<SubmitRequest, 'environment' | 'id' | 'runAt'>;

/** A schedule to be made; the time zone of a cron expression is this machine's when it is null. */
export interface NewSchedule {
  name: string | null;
  when: Exclude<When, { kind: 'cron' }> | { kind: 'cron'; cron: string; timeZone: string | null };
  catchUp: CatchUp;
  overlap: Overlap;
  request: ScheduledRequest;
  environment: SubmitRequest['environment'];
}

/** A schedule with what is looked up rather than stored. */
export interface ScheduleStatus {
  schedule: Schedule<ScheduledRequest>;
  /** The next five firings, or as many as there are; epoch ms. */
  next: number[];
  /** The task of the latest firing, as it is now; null when there was none, or it is forgotten. */
  last: Task | null;
}

/** What the doors may ask about schedules; wherever one is named, the beginning of its id, or its name, is enough. */
export interface ScheduleVerbs {
  /**
   * Throws TendError `invalid_input` for a time that means nothing or never comes, and whatever a submit would throw
   * now for an agent that cannot do it.
   */
  add(given: NewSchedule): Promise<ScheduleStatus>;
  /** Every schedule, the oldest first. */
  list(): Promise<ScheduleStatus[]>;
  /** Throws `not_found` or `ambiguous_id`. */
  find(prefix: string): Promise<ScheduleStatus>;
  /** Nothing fires any more; tasks that it submitted go on. */
  remove(prefix: string): Promise<ScheduleStatus>;
  /** No firing until it is unpaused; those that fall into the pause do not come later. */
  pause(prefix: string): Promise<ScheduleStatus>;
  unpause(prefix: string): Promise<ScheduleStatus>;
  /** When the next schedule fires, epoch ms; null = none will. */
  nextFiring(): Promise<number | null>;
}
