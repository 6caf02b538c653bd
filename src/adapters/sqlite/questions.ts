import type { Attempt } from '../../domain/attempt.ts';
import type { QuestionStore } from '../../ports/question-store.ts';
import type { Core } from './core.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

const ASKED_AT = "attempt.facts ->> '$.worker.question.askedAt'";

const columns = TASK_COLUMNS.split(', ').map((name) => `task.${name}`);

const SQL = `SELECT ${columns.join(', ')}, attempt.facts AS attempt
  FROM attempt INDEXED BY attempt_asked CROSS JOIN task ON task.id = attempt.task_id
  WHERE ${ASKED_AT} IS NOT NULL AND ${ASKED_AT} < ${Number.MAX_SAFE_INTEGER}
  ORDER BY ${ASKED_AT} DESC, attempt.task_id DESC, attempt.number DESC LIMIT ?`;

export function questionVerbs({ db, read }: Core): QuestionStore {
  const asked = db.prepare<[number], TaskRow & { attempt: string }>(SQL);
  return {
    asked: (limit) =>
      read(() =>
        asked
          .all(limit)
          .map((row) => ({ task: toTask(row), attempt: JSON.parse(row.attempt) as Attempt })),
      ),
  };
}
