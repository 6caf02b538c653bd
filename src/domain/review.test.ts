import { expect, test } from 'vitest';
import { accepted, rejected, sentBack } from './review.ts';
import { apply, type TaskIn } from './task.ts';
import { attempt, CHECKS, finishing, saved, without } from './work-sample.ts';

const awaiting = (of = attempt()): TaskIn<'awaiting_review'> => ({
  ...finishing(of, { checks: CHECKS }),
  state: 'awaiting_review',
});

test('work that a person takes is done', () => {
  const done = apply(awaiting(), accepted(awaiting(), 99));
  expect(done).toMatchObject({ state: 'completed', endedAt: 99 });
  expect(done.attempt).toMatchObject({
    product: { ...saved(), review: { decision: 'accepted', at: 99, feedback: null } },
  });
});

test('work that a person sends back is done again', () => {
  const again = apply(awaiting(), sentBack(awaiting(), 'Shorter.', 99));
  expect(again).toMatchObject({ state: 'queued', queuedAt: 99 });
  expect(again.attempt).toMatchObject({
    product: { review: { decision: 'rejected', at: 99, feedback: 'Shorter.' } },
  });
});

test('work that a person does not want has failed', () => {
  const none = awaiting(without({}));
  const failed = apply(none, rejected(none, null, 99));
  expect(failed).toMatchObject({ state: 'failed', reason: 'rejected', endedAt: 99 });
  expect(failed.attempt).toMatchObject({
    product: { saved: null, review: { decision: 'rejected', at: 99, feedback: null } },
  });
});
