import type { QuestionStore } from '../../ports/question-store.ts';
import { copy, type Records } from './records.ts';

export function questionVerbs({ tasks, attempts }: Records): QuestionStore {
  return {
    asked: async (limit) => {
      const all = [...tasks.values()].flatMap((task) =>
        [...(attempts.get(task.id)?.values() ?? [])].flatMap((attempt) => {
          const at = attempt.worker?.question?.askedAt;
          return at === undefined ? [] : [{ at, task, attempt }];
        }),
      );
      return all
        .sort(
          (a, b) =>
            b.at - a.at ||
            (a.task.id === b.task.id
              ? b.attempt.number - a.attempt.number
              : a.task.id < b.task.id
                ? 1
                : -1),
        )
        .slice(0, limit)
        .map(({ task, attempt }) => copy({ task, attempt }));
    },
  };
}
