import type { Capacity } from '../../src/domain/admission.ts';
import { isDrain } from '../../src/domain/drain.ts';
import { RESUME_AT_ONCE } from '../../src/domain/holds.ts';
import type { Expense } from '../../src/domain/expense.ts';
import { PATIENCE } from '../../src/domain/kept.ts';
import { RULES, type Rules } from './rules.ts';

/** The capacity as a rule sees it that forgets something. */
const admitting = (seen: (capacity: Capacity) => Partial<Capacity>): Partial<Rules> => ({
  admit: (heads, capacity, now) => RULES.admit(heads, { ...capacity, ...seen(capacity) }, now),
});

const NOTHING_BUSY = new Map<string, never>();

/** Mistakes in one decision each: a simulator that misses one of them proves nothing. */
export const MISTAKES: Readonly<Record<string, Partial<Rules>>> = {
  'the limits of agents are ignored': admitting(({ limits }) => ({
    limits: { ...limits, agents: {} },
  })),
  'an agent is used that fails again and again': admitting(({ holds }) => ({
    holds: holds.filter((hold) => !isDrain(hold)),
  })),
  'the limits of groups are ignored': {
    admit: (heads, capacity, now) =>
      RULES.admit(
        heads.map((head) => ({ ...head, lane: { ...head.lane, groupSlots: null } })),
        { ...capacity, limits: { ...capacity.limits, groups: {} } },
        now,
      ).map((one) => ({ ...one, head: heads.find(({ id }) => id === one.head.id) ?? one.head })),
  },
  'the limits of labels are ignored': admitting(({ limits }) => ({
    limits: { ...limits, labels: {} },
  })),
  'one task too many runs': admitting(({ limits }) => ({
    limits: { ...limits, slots: limits.slots + 1 },
  })),
  'keys that are taken are given away': admitting(({ busy }) => ({
    busy: { ...busy, exclusive: new Set() },
  })),
  'several tasks work in the same files': admitting(({ busy }) => ({
    busy: { ...busy, workspaces: new Set() },
  })),
  'work is given up that is not saved': {
    decideAll: (task, evidence, now) => {
      if (task.state !== 'finishing') return RULES.decideAll(task, evidence, now);
      const { workspace: _workspace, ...attempt } = task.attempt;
      return RULES.decideAll({ ...task, attempt }, evidence, now);
    },
  },
  'held accounts are used': admitting(() => ({ holds: [] })),
  'all try a refused account at once': admitting(({ busy }) => ({
    busy: { ...busy, accounts: NOTHING_BUSY },
  })),
  'quiet hours are not kept': admitting(() => ({ resume: RESUME_AT_ONCE })),
  'pauses are not kept': admitting(({ pauses }) => ({
    pauses: { ...pauses, groups: [], agents: [] },
  })),
  'owners take no turns': admitting(({ busy }) => ({ busy: { ...busy, owners: NOTHING_BUSY } })),
  'a slot stays free': {
    admit: (heads, capacity, now) => RULES.admit(heads, capacity, now).slice(0, -1),
  },
  'waiting raises no priority': {
    admit: (heads, capacity, now) => {
      const oldest = heads.toSorted((a, b) => a.queuedAt - b.queuedAt);
      return RULES.admit(
        oldest.map((head, nth) => ({ ...head, queuedAt: now - heads.length + nth })),
        capacity,
        now,
      );
    },
  },
  'nothing is kept for who needs several limits': {
    admit: (heads, capacity, now) =>
      RULES.admit(
        heads.map((head) => ({ ...head, queuedAt: Math.max(head.queuedAt, now - PATIENCE + 1) })),
        capacity,
        now,
      ),
  },
  'a stopping task holds no slot': {
    busyOf: (tasks) => RULES.busyOf([...tasks].filter(({ state }) => state !== 'stopping')),
  },
  'nothing is reserved of a budget': {
    expenseBy: (step, spec) => {
      const change = RULES.expenseBy(step, spec);
      const free = (expense: Expense): Expense => ({ ...expense, reservedUsd: 0 });
      return change?.expense ? { ...change, expense: free(change.expense) } : change;
    },
  },
  'a refusal holds nothing': { holdsBy: () => [] },
  'what failed is a success to those that wait': {
    readiness: (after, states) =>
      RULES.readiness(
        after,
        new Map([...states].map(([id, state]) => [id, state === 'failed' ? 'completed' : state])),
      ),
  },
  'those that wait for an end are not woken': { woken: () => [] },
  'who waits for children does so for ever': {
    decideAll: (task, evidence, now) =>
      task.state === 'awaiting_children' ? [] : RULES.decideAll(task, evidence, now),
  },
  'children wait for what their parents have': {
    placeFor: (lane, capacity, now) =>
      RULES.placeFor(lane, { ...capacity, holdings: new Map() }, now),
  },
  'children wait for nothing': admitting(({ busy, holdings = new Map() }) => ({
    busy: holdings.size > 0 ? { ...busy, total: 0, groups: NOTHING_BUSY } : busy,
  })),
  'all wait for slots': {
    placeFor: (lane, capacity, now) => {
      const place = RULES.placeFor(lane, capacity, now);
      return 'reason' in place ? { ...place, reason: 'slots', what: null } : place;
    },
  },
  'nobody looks when it is time': {
    dueAt: (task) => (task.state === 'waiting' ? null : RULES.dueAt(task)),
  },
  'a stale step is taken': {
    isNext: () => true,
    apply: (task, { next }) => {
      const { id, node, createdAt, spec, version } = task;
      return { id, node, createdAt, spec, version: version + 1, ...next };
    },
  },
  'a stop is forgotten once it is signalled': {
    decideAll: (task, evidence, now) =>
      RULES.decideAll(
        task.state === 'stopping' ? { ...task, stop: { ...task.stop, reason: 'idle' } } : task,
        evidence,
        now,
      ),
  },
  'what a stop ends is done': {
    decideAll: (task, evidence, now) =>
      RULES.decideAll(
        task.state === 'stopping'
          ? { ...task, stop: { ...task.stop, requestedAt: Infinity } }
          : task,
        evidence,
        now,
      ),
  },
  'a launch is given up while its process may still start': {
    decideAll: (task, evidence, now) =>
      RULES.decideAll(
        task,
        task.state === 'claimed' && evidence.attempt.kind === 'none'
          ? { ...evidence, attempt: { kind: 'voided' } }
          : evidence,
        now,
      ),
  },
};
