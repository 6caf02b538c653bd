import { describe, expect, test } from 'vitest';
import { admit, type Capacity, type Head, keptIn, placeFor } from './admission.ts';
import type { CheckOf } from './checks.ts';
import { type Busy, busyOf, isWorkspaceFree, withTaken } from './busy.ts';
import { busyBesides } from './holdings.ts';
import { manualHold, RESUME_AT_ONCE } from './holds.ts';
import { PATIENCE } from './kept.ts';
import { type Lane, laneOf, type LaneSeat } from './lane.ts';
import { NOT_PAUSED } from './pauses.ts';
import type { Task } from './task.ts';
import { attempt, finishing, WORKSPACE } from './work-sample.ts';

const NOW = 10 * PATIENCE;
const CHECK: CheckOf = { of: 't-1', attempt: 1, what: 'verify', nth: 1, commit: 'c' };
const plain = laneOf(finishing(attempt(), { workspace: null }).spec);
const check: Lane = { ...plain, check: true };
const inPlace: Lane = { ...plain, workspace: '/r' };
const seat: LaneSeat = { agent: 'claude', account: 'claude/default/default', costUsd: 1 };
const judge: Lane = { ...check, seats: [seat] };

const busy = (...lanes: Lane[]): Busy =>
  lanes.reduce((counts, one) => withTaken(counts, one, one.seats[0] ?? null, 1), busyOf([]));
const LIMITS = { slots: 1, agents: {}, groups: {}, labels: {}, checks: 1 };
const capacity = (given: Partial<Capacity> = {}): Capacity => ({
  limits: LIMITS,
  busy: busyOf([]),
  diskLow: false,
  memoryLow: false,
  pauses: NOT_PAUSED,
  holds: [],
  resume: RESUME_AT_ONCE,
  spendings: [],
  ...given,
});
const told = (lane: Lane, given: Partial<Capacity> = {}): string => {
  const place = placeFor(lane, capacity(given), NOW);
  return 'seat' in place ? 'starts' : `${place.reason} ${place.what ?? '-'}`;
};

describe('the lane of', () => {
  const laneIn = (given: Partial<Task['spec']>) =>
    laneOf({ ...finishing(attempt(), { workspace: null }).spec, ...given });
  test('a check says that it is one', () => {
    expect(laneIn({ check: CHECK })).toEqual(check);
    expect(laneIn({ check: null })).toEqual(plain);
  });

  test('a task names the files that others may work in', () => {
    expect(laneIn({ workspace: { ...WORKSPACE, kind: 'in_place' } })).toEqual(inPlace);
    expect(laneIn({ workspace: { ...WORKSPACE, branch: 'x' } }).workspace).toBe('/r/.git#x');
    expect(laneIn({ workspace: WORKSPACE })).toEqual(plain);
  });
});

describe('a check', () => {
  test.each<[string, Lane, Partial<Capacity>, string]>([
    ['takes no slot', plain, { busy: busy(check) }, 'starts'],
    ['waits for none', check, { busy: busy(plain) }, 'starts'],
    ['waits for another check', check, { busy: busy(check) }, 'checks -'],
    [
      'waits for no limit of groups',
      { ...check, group: 'g' },
      { limits: { ...LIMITS, groups: { g: 0 } } },
      'starts',
    ],
    [
      'waits for its agent',
      judge,
      { limits: { ...LIMITS, agents: { claude: 0 } } },
      'agent_limit claude',
    ],
    [
      'waits for its account',
      judge,
      { holds: [manualHold('claude', null, 'no', 0)] },
      'held claude/*',
    ],
    ['waits while all is paused', check, { pauses: { ...NOT_PAUSED, all: true } }, 'paused -'],
  ])('%s', (_, lane, given, expected) => {
    expect(told(lane, given)).toBe(expected);
  });

  test('counts with its agent and its account, and nowhere else', () => {
    expect(busy(judge)).toEqual({
      ...busyOf([]),
      checks: 1,
      agents: new Map([['claude', 1]]),
      accounts: new Map([['claude/default/default', [1]]]),
    });
  });

  test('starts beside tasks that have all slots, one after the other', () => {
    const heads: Head[] = [plain, check, check].map((lane, nth) => ({
      id: `t-${nth}`,
      lane: { ...lane },
      queuedAt: NOW - nth,
    }));
    const ids = (given: Partial<Capacity>) =>
      admit(heads, capacity(given), NOW).map(({ head }) => head.id);
    expect(ids({ busy: busy(plain) })).toEqual(['t-2']);
    expect(ids({ limits: { ...LIMITS, checks: 2 } })).toEqual(['t-2', 't-1', 't-0']);
  });

  test('is kept nothing for, and as a parent leaves its slot to nobody', () => {
    const limits = { ...LIMITS, agents: { claude: 0, codex: 0 }, groups: { g: 0 } };
    const head = { id: 't-1', lane: { ...judge, group: 'g' }, queuedAt: 0 };
    expect(keptIn([head], capacity({ limits }), NOW)).toBeNull();
    const both = busy(plain, check);
    const left = busyBesides(both, [{ lane: check, seat: null, claimedAt: 1 }]);
    expect(left).toEqual(both);
  });
});

describe('a workspace', () => {
  test('is worked in by one task at a time', () => {
    expect(told(inPlace, { limits: { ...LIMITS, slots: 9 }, busy: busy(inPlace) })).toBe(
      'workspace_busy /r',
    );
    expect(told({ ...inPlace, foreground: true }, { busy: busy(inPlace) })).toBe(
      'workspace_busy /r',
    );
    expect(told(plain, { limits: { ...LIMITS, slots: 9 }, busy: busy(inPlace) })).toBe('starts');
    expect(isWorkspaceFree(busy(inPlace), { ...inPlace, workspace: '/other' })).toBe(true);
  });

  test('is taken until the work in it is over', () => {
    const task = (kind: 'in_place' | 'worktree') =>
      finishing(attempt(), { workspace: { ...WORKSPACE, kind } });
    expect(busyOf([task('in_place')])).toEqual({ ...busyOf([]), workspaces: new Set(['/r']) });
    expect(busyOf([task('worktree')])).toEqual(busyOf([]));
  });

  test('is no child’s to share', () => {
    const left = busyBesides(busy(inPlace), [{ lane: inPlace, seat: null, claimedAt: 1 }]);
    expect(left.workspaces).toEqual(new Set(['/r']));
  });
});
