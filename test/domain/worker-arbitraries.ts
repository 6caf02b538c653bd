/** Generators of what workers ask and tell. */
import fc, { type Arbitrary } from 'fast-check';
import { ASKERS, type Question } from '../../src/domain/question.ts';
import type { Finish, WorkerFacts } from '../../src/domain/worker.ts';
import { moment, name, orNull } from './values.ts';

const question: Arbitrary<Question> = fc.record({
  id: name,
  asker: fc.constantFrom(...ASKERS),
  text: fc.string(),
  options: fc.array(fc.string(), { maxLength: 2 }),
  context: fc.string(),
  askedAt: moment,
  deadlineAt: orNull(moment),
  fallback: orNull(fc.string()),
  answer: orNull(fc.record({ text: fc.string(), at: moment, by: name })),
});

const finish: Arbitrary<Finish> = fc.record({
  at: moment,
  result: fc.string(),
  summary: fc.string(),
  checks: fc.array(
    fc.record({ requirement: fc.string(), met: fc.boolean(), evidence: fc.string() }),
    { maxLength: 2 },
  ),
  significance: fc.string(),
  notify: fc.boolean(),
});

export const workerFacts: Arbitrary<WorkerFacts> = fc.record(
  {
    question,
    finish,
    progress: fc.record({ at: moment, text: fc.string(), percent: orNull(fc.nat({ max: 100 })) }),
  },
  { requiredKeys: [] },
);
