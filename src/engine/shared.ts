import type { AgentWork } from '../domain/agent-work.ts';
import { isCheck } from '../domain/delivery.ts';
import { foldersAround, MOST_MEMORIES } from '../domain/memory.ts';
import { sharedText } from '../domain/shared.ts';
import type { Task, TaskSpec } from '../domain/task.ts';
import type { Ports } from './context.ts';

type Known = Pick<Ports, 'store' | 'clock'>;

/**
 * What an attempt of the task is told of its group and its project, as that is now; '' = nothing. It changes at any time,
 * so that the claim keeps it with the attempt: whoever asks later for the prompt gets the same one.
 */
export async function sharedFor({ store, clock }: Known, task: Task): Promise<string> {
  const { spec } = task;
  // Who checks the work of others is not told what they think of it.
  if (spec.work.kind !== 'agent' || isCheck(task)) return '';
  const { group } = spec;
  const [row, findings, memories] = await Promise.all([
    group === null ? null : store.group(group),
    group === null ? [] : store.findings(group),
    store.memories({
      folders: foldersOf(spec),
      words: [],
      at: clock.now(),
      limit: MOST_MEMORIES,
    }),
  ]);
  // Attempts that compete know nothing of each other.
  const competes = (spec.checks?.bestOf ?? 1) > 1;
  return sharedText(
    {
      context: row?.context ?? '',
      findings: findings.filter(({ taskId }) => !competes || taskId !== task.id),
      memories,
    },
    (spec.work as AgentWork).brief,
  );
}

/** The folders whose memories concern the task: around where it works, and around the repository that its work tree is of. */
export function foldersOf({ cwd, workspace }: Pick<TaskSpec, 'cwd' | 'workspace'>): string[] {
  const places = [cwd, workspace?.checkout ?? null, workspace?.repository ?? null];
  return [...new Set(places.flatMap((place) => (place === null ? [] : foldersAround(place))))];
}
