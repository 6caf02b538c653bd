import { questionState } from '../domain/question.ts';
import { type Finish, gapsIn } from '../domain/worker.ts';
import type { Description } from '../engine/facade.ts';
import type { TaskView } from './schemas.ts';
import { iso, isoOrNull } from './time-view.ts';

type Part = Pick<TaskView, 'question' | 'finish' | 'progress' | 'gaps'>;

/** What the worker of the last attempt asked and told. */
export function workerView({ task, now }: Pick<Description, 'task' | 'now'>): Part {
  const { attempt } = task;
  const { question, finish, progress } = attempt?.worker ?? {};
  return {
    question:
      attempt === null || question === undefined
        ? null
        : {
            id: question.id,
            taskId: task.id,
            question: question.text,
            options: [...question.options],
            context: question.context,
            askedAt: iso(question.askedAt),
            deadlineAt: isoOrNull(question.deadlineAt),
            default: question.fallback,
            state: questionState(task, attempt, question, now),
            answer:
              question.answer === null ? null : { ...question.answer, at: iso(question.answer.at) },
            kind: question.asker,
          },
    finish: finish === undefined ? null : finishAs(finish),
    progress: progress === undefined ? null : { ...progress, at: iso(progress.at) },
    gaps: gapsIn(attempt?.worker).map(({ requirement }) => requirement),
  };
}

/** Its result is the answer of the task. */
const finishAs = ({ summary, checks, significance, notify, at }: Finish): Part['finish'] => ({
  summary,
  checks: checks.map((one) => ({ ...one })),
  significance,
  notify,
  at: iso(at),
});
