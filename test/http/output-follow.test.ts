import { expect, test } from 'vitest';
import { canonical } from '../../src/interfaces/http/router.ts';

const asked = (path: string, query: string) => ({ path, query: new URLSearchParams(query) });
const told = ({ path, query }: ReturnType<typeof asked>): string => `${path}?${query.toString()}`;

test.each([
  ['/v1/tasks/a/output', 'follow=true&offset=3', '/v1/tasks/a/output/follow?offset=3'],
  ['/v1/tasks/a/output', 'follow=1', '/v1/tasks/a/output/follow?'],
  ['/v1/tasks/a/output', 'follow', '/v1/tasks/a/output/follow?'],
  ['/v1/tasks/a/output', 'follow=false&tail=9', '/v1/tasks/a/output?tail=9'],
  ['/v1/tasks/a/output', 'tail=9', '/v1/tasks/a/output?tail=9'],
  ['/v1/tasks', 'follow=true', '/v1/tasks?follow=true'],
])('%s?%s is %s', (path, query, expected) => {
  expect(told(canonical(asked(path, query)))).toBe(expected);
});
