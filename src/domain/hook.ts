import type { Subscriber } from './delivery.ts';
import type { Task } from './task.ts';

/** When commands of the person are called: before an attempt starts, at each end, at each bad one, at each question. */
export const HOOKS = ['before_run', 'after_end', 'on_fail', 'on_question'] as const;
export type HookName = (typeof HOOKS)[number];

/** Whose configuration they stand in: the person's own, or that of a project that the person trusts. */
export const HOOK_SOURCES = ['person', 'project'] as const;
export type HookSource = (typeof HOOK_SOURCES)[number];

/** What a hook said of an attempt that is about to start. */
export interface BeforeRun {
  at: number;
  /** Why it must not; null = it may. */
  veto: string | null;
}

/** Longest reason of a veto that is kept, in characters. */
export const LONGEST_VETO = 300;

export type HookSubscriber = `hook:${string}`;

/** Who is told through a hook. */
export const hookSubscriber = (name: HookName, source: HookSource): HookSubscriber =>
  source === 'person' ? `hook:${name}` : `hook:${name}.project`;

/** The hook that a subscriber stands for; null = it is none. */
export function hookIn(subscriber: Subscriber): { name: HookName; source: HookSource } | null {
  for (const name of HOOKS)
    for (const source of HOOK_SOURCES)
      if (hookSubscriber(name, source) === subscriber) return { name, source };
  return null;
}

/** Of the hooks that are configured those that are called for a fact of one of these names. */
export const hooksFor = (
  hooks: readonly HookSubscriber[] | undefined,
  ...names: readonly HookName[]
): HookSubscriber[] =>
  (hooks ?? []).filter((one) => {
    const hook = hookIn(one);
    return hook !== null && names.includes(hook.name);
  });

/** The same attempt asks under the same id, however often it has to; a removed task with the same id had another one. */
export const beforeRunId = ({ id, createdAt }: Pick<Task, 'id' | 'createdAt'>, attempt: number) =>
  `h-${id}.${Math.floor(createdAt).toString(36)}.${attempt}.before_run`;
