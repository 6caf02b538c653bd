import { describe, expect, test } from 'vitest';
import {
  afterSeen,
  checkNumber,
  isMergeOpen,
  type Merge,
  MERGE_STATES,
  type MergeSeen,
  type MergeState,
  MOST_MOVES,
} from './merge.ts';

const CHANGE = { files: 1, insertions: 2, deletions: 3, commits: 1 };

const MERGE: Merge = {
  seq: 7,
  taskId: 't-1',
  repository: '/r/.git',
  target: 'main',
  how: 'merge',
  commit: 'work',
  unverified: null,
  state: 'queued',
  from: null,
  to: null,
  change: null,
  proof: 'same',
  check: null,
  runs: 0,
  checks: 0,
  moves: 0,
  detail: null,
  paths: [],
  createdAt: 1,
  endedAt: null,
};
const MADE = { from: 'a', to: 'b', change: CHANGE };
const AT: Record<'queued' | 'checking' | 'landing', Merge> = {
  queued: MERGE,
  checking: { ...MERGE, ...MADE, state: 'checking', check: 'c-1', runs: 1, checks: 1 },
  landing: { ...MERGE, ...MADE, state: 'landing' },
};

const made = (needed: boolean): MergeSeen => ({ kind: 'made', ...MADE, needsCheck: needed });
const SEEN: Record<string, MergeSeen> = {
  no_target: { kind: 'no_target' },
  contained: { kind: 'contained', from: 'a' },
  conflict: { kind: 'conflict', from: 'a', paths: ['x'], message: 'both changed x' },
  diverged: { kind: 'diverged', from: 'a' },
  'made, good': made(false),
  'made, to check': made(true),
  submitted: { kind: 'submitted', check: 'c-2' },
  passed: { kind: 'checked', result: 'passed', detail: 'it ended with exit code 0' },
  failed: { kind: 'checked', result: 'failed', detail: 'it ended with exit code 1' },
  timed_out: { kind: 'checked', result: 'timed_out', detail: 'too long' },
  landed: { kind: 'landed', behind: [] },
  moved: { kind: 'moved' },
  dirty: { kind: 'dirty', paths: ['y'], message: 'not clean' },
  hook: { kind: 'hook', message: 'no' },
  trouble: { kind: 'trouble', message: 'git ended with 128' },
};

function seenAs(name: string): MergeSeen {
  const seen = SEEN[name];
  if (seen === undefined) throw new Error(`nothing is called ${name}`);
  return seen;
}

describe('what follows', () => {
  // State × what was seen → state; '-' = it belongs to another state, and nothing changes.
  const TABLE: Record<string, [queued: string, checking: string, landing: string]> = {
    no_target: ['failed', '-', '-'],
    contained: ['merged', '-', '-'],
    conflict: ['conflict', '-', '-'],
    diverged: ['diverged', '-', '-'],
    'made, good': ['landing', '-', '-'],
    'made, to check': ['checking', '-', '-'],
    submitted: ['-', '-', '-'],
    passed: ['-', 'landing', '-'],
    failed: ['-', 'checking', '-'],
    timed_out: ['-', 'unverified', '-'],
    landed: ['-', '-', 'merged'],
    moved: ['-', '-', 'queued'],
    dirty: ['-', '-', 'dirty'],
    hook: ['-', '-', 'refused'],
    trouble: ['failed', 'failed', 'failed'],
  };
  const rows = Object.entries(TABLE).flatMap(([seen, after]) =>
    (['queued', 'checking', 'landing'] as const).map(
      (state, column) => [state, seen, after[column] ?? ''] as const,
    ),
  );
  test.each(rows)('%s, %s: %s', (state, seen, expected) => {
    const before = AT[state];
    const after = afterSeen(before, seenAs(seen), 9);
    if (expected === '-') expect(after).toBe(before);
    else expect(after.state).toBe(expected);
    expect(after.endedAt).toBe(isMergeOpen(after) ? null : 9);
  });

  test('the table has everything that can be seen', () => {
    expect(Object.keys(TABLE)).toEqual(Object.keys(SEEN));
  });

  test.each(MERGE_STATES.filter((state) => !isMergeOpen({ state })))(
    'one that is %s stays as it is',
    (state) => {
      const ended: Merge = { ...MERGE, state, endedAt: 2 };
      for (const seen of Object.values(SEEN)) expect(afterSeen(ended, seen, 9)).toBe(ended);
    },
  );
});

describe('what is kept of it', () => {
  const after = (merge: Merge, seen: MergeSeen): Merge => afterSeen(merge, seen, 9);

  test.each<[Merge, string, Partial<Merge>]>([
    [AT.queued, 'no_target', { detail: 'there is no branch main' }],
    [AT.queued, 'contained', { from: 'a', to: 'a', detail: 'main had everything already' }],
    [AT.queued, 'conflict', { from: 'a', paths: ['x'], detail: 'both changed x' }],
    [AT.queued, 'diverged', { detail: 'main has commits that the work does not have' }],
    [AT.queued, 'made, good', { ...MADE, proof: 'same', check: null }],
    [AT.queued, 'made, to check', { ...MADE, proof: 'again', check: null, runs: 0 }],
    [AT.checking, 'passed', { proof: 'same', detail: null }],
    [AT.checking, 'timed_out', { detail: 'too long' }],
    [AT.landing, 'dirty', { paths: ['y'], detail: 'not clean' }],
    [AT.landing, 'hook', { detail: 'no' }],
    [AT.landing, 'trouble', { detail: 'git ended with 128' }],
  ])('$state, %s', (merge, seen, expected) => {
    expect(after(merge, seenAs(seen))).toMatchObject(expected);
  });

  test('a failed verification is run once more, under another number', () => {
    const begun = after({ ...AT.checking, check: null, runs: 0, checks: 0 }, seenAs('submitted'));
    expect(begun).toMatchObject({ check: 'c-2', runs: 1, checks: 1 });
    const again = after(begun, seenAs('failed'));
    expect(again).toMatchObject({ state: 'checking', check: null, runs: 1 });
    expect(checkNumber(begun)).not.toBe(checkNumber({ ...begun, checks: 0 }));
    const second = after(again, { kind: 'submitted', check: 'c-3' });
    expect(second).toMatchObject({ check: 'c-3', runs: 2, checks: 2 });
    const broken = after(second, seenAs('failed'));
    expect(broken).toMatchObject({ state: 'broken', detail: 'it ended with exit code 1' });
    const flaky = after(second, seenAs('passed'));
    expect(flaky.detail).toMatch(/failed, then passed/);
    expect(after(flaky, { kind: 'landed', behind: [] }).detail).toBe(flaky.detail);
    expect(after(flaky, { kind: 'landed', behind: ['/w'] }).detail).toMatch(/passed.*; .*: \/w$/);
    // What was seen of a check that is not known says nothing.
    expect(after(again, seenAs('failed'))).toBe(again);
  });

  test('a target that moves is gone after a few times only', () => {
    let merge: Merge = { ...AT.landing, check: 'c-1', checks: 1 };
    for (let moves = 1; moves < MOST_MOVES; moves++) {
      merge = after({ ...merge, ...MADE, state: 'landing' }, { kind: 'moved' });
      const unmade = { from: null, to: null, change: null, check: null };
      expect(merge).toMatchObject({ state: 'queued', moves, ...unmade, checks: 1 });
    }
    merge = after({ ...merge, ...MADE, state: 'landing' }, { kind: 'moved' });
    expect(merge).toMatchObject({ state: 'moved', to: null, moves: MOST_MOVES });
    expect(merge.detail).toBe('main moved 5 times while the merge was made');
  });

  test('a checkout that was left as it is is named', () => {
    const { state, detail } = after(AT.landing, { kind: 'landed', behind: ['/a', '/b'] });
    expect([state, detail]).toEqual([
      'merged',
      'changed in the same moment and left as it was, at a: /a, /b',
    ]);
    const odd: Merge = { ...AT.landing, from: null };
    expect(after(odd, { kind: 'landed', behind: ['/a'] }).detail).toMatch(/at : \/a$/);
  });
});

test('every state has a kind', () => {
  const open: MergeState[] = MERGE_STATES.filter((state) => isMergeOpen({ state }));
  expect(open).toEqual(['queued', 'checking', 'landing']);
});
