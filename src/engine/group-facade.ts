import type { FindingKind, Group, GroupFinding } from '../domain/group.ts';
import type { State } from '../domain/lifecycle.ts';
import type { TaskId } from '../domain/task.ts';

/** A group as a list shows it. */
export interface GroupStatus {
  /** Null = it is only a name that tasks have. */
  group: Group | null;
  name: string;
  findings: number;
}

/** A group with what its tasks told, the most important first, and how many of its newest tasks are in which state. */
export interface GroupDetails extends GroupStatus {
  told: GroupFinding[];
  tasks: Partial<Record<State, number>>;
}

interface GroupText {
  title: string | null;
  context: string;
}

/** What a person or a task tells a group; `at` null = now. */
export interface FindingPost {
  group: string;
  kind: FindingKind;
  text: string;
  important: boolean;
  taskId: TaskId | null;
  by: string;
  at: number | null;
}

/** What the doors may ask about groups; where one is named, the beginning of an id `g-…` is enough. */
export interface GroupVerbs {
  /** Null = a name of its own. Throws `id_taken` where there is one. */
  create(name: string | null, given: GroupText): Promise<GroupStatus>;
  /** Those that have a row, by name. */
  list(): Promise<GroupStatus[]>;
  /** Throws `not_found`, but not for a name that tasks have. */
  find(name: string): Promise<GroupDetails>;
  /** Later tasks are told what is changed; what is left out stays. */
  edit(name: string, change: Partial<GroupText>): Promise<GroupStatus>;
  /** Forgets what the group shares and its findings; its tasks keep its name. */
  remove(name: string): Promise<GroupStatus>;
  /** The same told again is the finding that is there. Throws `limit_reached` when there is no room. */
  post(finding: FindingPost): Promise<{ finding: GroupFinding; repeated: boolean }>;
  /** Tells later tasks no more of it. Throws `not_found`. */
  removeFinding(name: string, id: string): Promise<GroupFinding>;
}
