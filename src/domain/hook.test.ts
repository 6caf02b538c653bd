import { expect, test } from 'vitest';
import { beforeRunId, HOOK_SOURCES, hookIn, HOOKS, hooksFor, hookSubscriber } from './hook.ts';

test('a subscriber stands for one hook of one source', () => {
  const all = HOOKS.flatMap((name) => HOOK_SOURCES.map((source) => ({ name, source })));
  const subscribers = all.map(({ name, source }) => hookSubscriber(name, source));
  expect(new Set(subscribers).size).toBe(8);
  expect(subscribers.map(hookIn)).toEqual(all);
  for (const other of ['hook:', 'hook:after_end.other', 'webhook:after_end', 'command'] as const)
    expect(hookIn(other)).toBeNull();
});

test('of those that are configured some are called', () => {
  const hooks = ['hook:after_end', 'hook:on_fail.project', 'hook:odd'] as const;
  expect(hooksFor(hooks, 'after_end')).toEqual(['hook:after_end']);
  expect(hooksFor(hooks, 'after_end', 'on_fail')).toEqual([
    'hook:after_end',
    'hook:on_fail.project',
  ]);
  expect(hooksFor(hooks, 'on_question')).toEqual([]);
  expect(hooksFor(undefined, 'after_end')).toEqual([]);
});

test('an attempt asks under an id of its own', () => {
  expect(beforeRunId({ id: 't-1', createdAt: 36.5 }, 2)).toBe('h-t-1.10.2.before_run');
});
