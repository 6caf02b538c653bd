import { afterEach, beforeEach, expect, test } from 'vitest';
import { TendError } from '../../src/domain/errors.ts';
import type { Store } from '../../src/ports/store.ts';
import { answers, openStage, type Stage } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
});

/** The next note of what a running agent told comes to this instead. */
function insteadOfANote(comesTo: Store['amend']): void {
  const { store } = stage.ground.ports;
  const amend = store.amend.bind(store);
  store.amend = async (amendment) => {
    store.amend = amend;
    return comesTo(amendment);
  };
}

/** An agent that has answered and stays, once that is stored. */
const settled = async () => {
  stage.plays('claude', ...answers('Done.'), { hang: true });
  const { id } = await stage.ask('Fix it.');
  return stage.once(id, ({ attempt }) => (attempt?.agent?.settledAt ?? null) !== null);
};

test('what could not be stored is stored the next time', async () => {
  const busy = new TendError('database_busy', 'somebody else writes', 'Wait.');
  insteadOfANote(() => Promise.reject(busy));
  await settled();
  expect(stage.ground.faults).toEqual([busy]);
});

test('what another change forestalled is stored after it', async () => {
  insteadOfANote(async () => null);
  await settled();
  expect(stage.ground.faults).toEqual([]);
});
