import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Hold,
  holdOn,
  isHeld,
  keptBy,
  manualHold,
  RESUME_AT_ONCE,
  type ResumePolicy,
} from './holds.ts';
import { asTheyStand, releaseAt } from './release.ts';

const NOW = 1_795_222_830_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OPUS = 'claude/default/opus';

/** Refused an hour ago, for an hour. */
const refused = (changes: Partial<Hold> = {}): Hold => ({
  account: OPUS,
  agent: 'claude',
  class: 'until',
  until: NOW,
  retryAt: NOW,
  since: NOW - HOUR,
  count: 1,
  reason: 'limit reached',
  failure: 'rate_limited',
  taskId: 't-1',
  ...changes,
});
const OFF: ResumePolicy = { automatic: false, quietUntil: null };
const QUIET: ResumePolicy = { automatic: true, quietUntil: NOW + 7 * HOUR };
const BOTH: ResumePolicy = { automatic: false, quietUntil: NOW + 7 * HOUR };

describe('what keeps an account from being used', () => {
  const cases: [string, Partial<Hold>, ResumePolicy, number | null | undefined, string][] = [
    ['it may be used again', {}, RESUME_AT_ONCE, undefined, ''],
    ['not yet', { retryAt: NOW + 1 }, RESUME_AT_ONCE, NOW + 1, ''],
    ['a person has to act', { retryAt: null }, RESUME_AT_ONCE, null, ''],
    ['over, but off', {}, OFF, null, '; it is over, but nothing resumes by itself'],
    ['not yet, and off', { retryAt: NOW + 1 }, OFF, null, '; nothing resumes by itself'],
    ['over, but quiet', {}, QUIET, NOW + 7 * HOUR, '; it is over, but these are quiet hours'],
    ['quiet for longer', { retryAt: NOW + 1 }, QUIET, NOW + 7 * HOUR, '; these are quiet hours'],
    ['longer than quiet', { retryAt: NOW + 9 * HOUR }, QUIET, NOW + 9 * HOUR, ''],
    ['off and quiet', {}, BOTH, null, '; it is over, but nothing resumes by itself'],
    ['a person, off and quiet', { retryAt: null }, BOTH, null, ''],
    ['laid aside, over, off and quiet', { failure: null }, BOTH, undefined, ''],
    ['laid aside, off', { failure: null, retryAt: NOW + 1 }, BOTH, NOW + 1, ''],
    ['drained', { failure: null, class: 'drained', retryAt: null }, BOTH, null, ''],
    ['failed once', { failure: null, class: 'drained', retryAt: 0 }, BOTH, undefined, ''],
    ['quiet hours that are just over', {}, { automatic: true, quietUntil: NOW }, undefined, ''],
  ];
  test.each(cases)('%s', (_name, changes, policy, freeAt, why) => {
    const hold = refused(changes);
    const standing = holdOn([hold], OPUS, policy, [], NOW);
    expect(standing?.freeAt).toBe(freeAt);
    if (freeAt === undefined) return expect(standing).toBeNull();
    expect(standing).toEqual({ account: OPUS, hold, freeAt, reason: `limit reached${why}` });
    expect(asTheyStand([hold], policy, NOW)).toEqual([
      { ...hold, retryAt: freeAt, reason: `limit reached${why}` },
    ]);
    expect(releaseAt([hold], policy, NOW)).toBe(freeAt);
  });
});

describe('after a refusal one attempt tries first', () => {
  test.each([
    ['nobody uses it', [], undefined],
    ['one that began before the refusal', [NOW - 2 * HOUR], undefined],
    ['one that began with it', [NOW - HOUR], undefined],
    ['one that tries', [NOW - 1], null],
    ['one that tries beside an old one', [NOW - 2 * HOUR, NOW - 1], null],
  ])('%s', (_name, claimed, freeAt) => {
    const standing = holdOn([refused()], OPUS, RESUME_AT_ONCE, claimed, NOW);
    expect(standing?.freeAt).toBe(freeAt);
    if (standing !== null) expect(standing.reason).toBe('limit reached; one task tries first');
  });

  test('but not after a person laid it aside, or it failed', () => {
    for (const changes of [{}, { class: 'drained' as const, retryAt: 0 }])
      expect(
        holdOn([refused({ failure: null, ...changes })], OPUS, RESUME_AT_ONCE, [NOW - 1], NOW),
      ).toBeNull();
  });
});

describe('of several', () => {
  const own = refused({ retryAt: NOW + HOUR });
  test('the one that lasts longest counts, wherever it stands', () => {
    const all = manualHold('claude', 2 * HOUR, 'a break', NOW);
    for (const holds of [
      [own, all],
      [all, own],
    ])
      expect(holdOn(holds, OPUS, RESUME_AT_ONCE, [], NOW)).toMatchObject({
        account: 'claude/*',
        freeAt: NOW + 2 * HOUR,
      });
    const forEver = manualHold('claude', null, 'holidays', NOW);
    expect(holdOn([own, forEver], OPUS, RESUME_AT_ONCE, [], NOW)?.freeAt).toBeNull();
  });

  test('those of other accounts and agents do not', () => {
    const others = [
      refused({ account: 'claude/default/sonnet', retryAt: null }),
      manualHold('codex', null, 'x', NOW),
      refused({ account: 'codex/drained', retryAt: null }),
    ];
    expect(holdOn(others, OPUS, RESUME_AT_ONCE, [], NOW)).toBeNull();
    expect(holdOn([...others, own], OPUS, RESUME_AT_ONCE, [], NOW)?.hold).toBe(own);
  });

  test('the first to be over is waited for', () => {
    const holds = [own, refused({ retryAt: NOW + MINUTE }), refused({ retryAt: null }), refused()];
    expect(releaseAt(holds, RESUME_AT_ONCE, NOW)).toBe(NOW + MINUTE);
    expect(releaseAt(holds, QUIET, NOW)).toBe(NOW + 7 * HOUR);
    expect(releaseAt(holds, OFF, NOW)).toBeNull();
    expect(releaseAt([], RESUME_AT_ONCE, NOW)).toBeNull();
  });
});

const near = fc.integer({ min: NOW - 48 * HOUR, max: NOW + 48 * HOUR });
const anyHold = fc
  .record({
    account: fc.constantFrom(OPUS, 'claude/*', 'claude/drained', 'codex/*', 'claude/default/haiku'),
    retryAt: fc.option(near),
    since: near,
    failure: fc.option(fc.constant('overloaded' as const)),
  })
  .map((given) => refused(given));
const policy = fc.record({
  automatic: fc.boolean(),
  quietUntil: fc.option(fc.integer({ min: NOW + 1, max: NOW + 24 * HOUR })),
});

test('a limit never lets a task start while it is quiet or off, and no hold lets it start early', () => {
  fc.assert(
    fc.property(fc.array(anyHold), policy, fc.array(near), (holds, how, claimed) => {
      const standing = holdOn(holds, OPUS, how, claimed, NOW);
      const own = holds.filter(({ account }) =>
        [OPUS, 'claude/*', 'claude/drained'].includes(account),
      );
      if (own.some((hold) => isHeld(hold, NOW))) expect(standing).not.toBeNull();
      const wasRefused = own.some(({ failure }) => failure !== null);
      if (wasRefused && (!how.automatic || how.quietUntil !== null))
        expect(standing).not.toBeNull();
      if (!wasRefused && !own.some((hold) => isHeld(hold, NOW))) expect(standing).toBeNull();
      if (standing === null) return;
      expect(own).toContain(standing.hold);
      for (const hold of own) {
        const kept = keptBy(hold, how, NOW);
        expect(kept === null || (kept.freeAt ?? Infinity) <= (standing.freeAt ?? Infinity)).toBe(
          true,
        );
      }
    }),
  );
});

test('at the moment that was told, what was waited for is over, if nothing else has come', () => {
  fc.assert(
    fc.property(fc.array(anyHold), policy, (holds, how) => {
      const at = releaseAt(holds, how, NOW);
      if (at === null) return;
      expect(at).toBeGreaterThan(NOW);
      const before = asTheyStand(holds, how, NOW);
      const later = { ...how, quietUntil: (how.quietUntil ?? 0) > at ? how.quietUntil : null };
      expect(asTheyStand(holds, later, at).length).toBeLessThan(before.length);
    }),
  );
});

test('of all that wait for a refused account exactly one starts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), (waiting) => {
      const claimed: number[] = [];
      for (let nth = 0; nth < waiting; nth++)
        if (holdOn([refused()], OPUS, RESUME_AT_ONCE, claimed, NOW) === null) claimed.push(NOW);
      expect(claimed).toEqual([NOW]);
    }),
  );
});
