import { expect, test } from 'vitest';
import { codex } from './codex.ts';

test('credentials are looked for where Codex keeps them', () => {
  const none = () => false;
  const HOME = '/h';
  const only = (name: string) => (path: string) => path === name;
  expect(codex.loggedIn({ CODEX_API_KEY: 'k' }, none)).toBe(true);
  expect(codex.loggedIn({ HOME }, none)).toBe(false);
  expect(codex.loggedIn({ HOME }, only('.codex/auth.json'))).toBe(true);
  expect(codex.loggedIn({ HOME, CODEX_HOME: '/h/c' }, only('c/auth.json'))).toBe(true);
  expect(codex.loggedIn({ HOME, CODEX_HOME: '/else' }, none)).toBe(null);
  expect(codex.loggedIn({ HOME }, only('.codex/config.toml'))).toBe(null);
});

test('the file of a session is found by its id', () => {
  const of = { folder: '/f', environment: { HOME: '/h' } };
  const found = { log: { path: '/h/.codex/sessions', find: 'thread-1' } };
  expect(codex.traces({ ...of, sessionId: 'thread-1' })).toEqual(found);
  expect(codex.traces({ ...of, sessionId: null })).toEqual({});
});
