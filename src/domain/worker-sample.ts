/** What workers ask and tell, for tests. */
import type { Question } from './question.ts';
import type { Finish } from './worker.ts';

export const QUESTION: Question = {
  id: 'q-t-1.5.2',
  asker: 'worker',
  text: 'Which one?',
  options: [],
  context: '',
  askedAt: 30,
  deadlineAt: null,
  fallback: null,
  answer: null,
};

export const ANSWER = { text: 'this', at: 50, by: 'cli:1' };

export const finishOf = (of: Partial<Finish> = {}): Finish => ({
  at: 1,
  result: 'The result.',
  summary: '',
  checks: [],
  significance: '',
  notify: false,
  ...of,
});
