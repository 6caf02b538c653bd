/** Attempts that asked something, by the time when they did. */
export const questions = `
CREATE INDEX attempt_asked ON attempt (facts ->> '$.worker.question.askedAt', task_id, number)
  WHERE facts ->> '$.worker.question.askedAt' IS NOT NULL;
`;
