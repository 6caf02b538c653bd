import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { agentHistoryRules } from './agent-history.rules.ts';
import { checksRules } from './checks.rules.ts';
import { commitRules } from './commit.rules.ts';
import { deliveryRules } from './delivery.rules.ts';
import { groupRules } from './group.rules.ts';
import { holdRules } from './hold.rules.ts';
import { listingRules } from './listing.rules.ts';
import { memoryRules } from './memory.rules.ts';
import { mergeRules } from './merge.rules.ts';
import { noticeRules } from './notice.rules.ts';
import { questionRules } from './question.rules.ts';
import { removalRules } from './removal.rules.ts';
import { scheduleRowRules } from './schedule-rows.rules.ts';
import { scheduleRules } from './schedule.rules.ts';
import { spendingRules } from './spending.rules.ts';
import { submitRules } from './submit.rules.ts';
import { watchRules } from './watch.rules.ts';

/** A store under test; `release` frees what opening it took. */
export interface Opened {
  store: Store;
  release?: () => void;
}

/** What every store does alike: the contract of the port, verb by verb. */
export function describeStore(name: string, open: () => Opened): void {
  describe(`the ${name} store`, () => {
    let opened: Opened;
    const store = (): Store => opened.store;
    beforeEach(() => {
      opened = open();
    });
    afterEach(async () => {
      await opened.store.close();
      opened.release?.();
    });
    describe('submit', () => submitRules(store));
    describe('commit', () => commitRules(store));
    describe('schedule', () => scheduleRules(store));
    describe('schedules', () => scheduleRowRules(store));
    describe('holds', () => holdRules(store));
    describe('the history of agents', () => agentHistoryRules(store));
    describe('spending', () => spendingRules(store));
    describe('listing', () => listingRules(store));
    describe('checks', () => checksRules(store));
    describe('deliveries', () => deliveryRules(store));
    describe('notices', () => noticeRules(store));
    describe('merges', () => mergeRules(store));
    describe('watches', () => watchRules(store));
    describe('questions', () => questionRules(store));
    describe('groups', () => groupRules(store));
    describe('memories', () => memoryRules(store));
    describe('removal', () => removalRules(store));
  });
}
