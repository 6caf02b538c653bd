import { expect, test } from 'vitest';
import { isHost, ownerInCall, ownerInEnvironment, sessionOwner } from './host.ts';

const ID = '01a218df-8ee5-7462-9f40-6a399a1692b9';

test('a host is one of a closed list', () => {
  expect(isHost('claude')).toBe(true);
  expect(isHost('emacs')).toBe(false);
});

test('the id of a session becomes an owner only when it is nothing but an id', () => {
  expect(sessionOwner('codex', ID)).toBe(`codex:${ID}`);
  expect(sessionOwner('opencode', 'ses_de71e82f8ffev8wc0vxw6AIepA')).toBe(
    'opencode:ses_de71e82f8ffev8wc0vxw6AIepA',
  );
  for (const bad of ['', ' ', 'a b', "x';rm", '../x', '-x', 'a\n', 'ä', 'x'.repeat(129), 7, null])
    expect(sessionOwner('claude', bad)).toBeNull();
});

test('an environment names its owner, or the session of the host that made it', () => {
  expect(ownerInEnvironment({})).toBeNull();
  expect(ownerInEnvironment({ TEND_OWNER: '' })).toBeNull();
  expect(ownerInEnvironment({ TEND_OWNER: 'me', CODEX_THREAD_ID: ID })).toBe('me');
  expect(ownerInEnvironment({ CODEX_THREAD_ID: ID })).toBe(`codex:${ID}`);
  expect(ownerInEnvironment({ CLAUDE_CODE_SESSION_ID: ID })).toBe(`claude:${ID}`);
  expect(ownerInEnvironment({ CODEX_THREAD_ID: 'not an id' })).toBeNull();
});

test('codex tells its thread with each call of a tool; nobody else is believed', () => {
  expect(ownerInCall('codex-mcp-client', { threadId: ID })).toBe(`codex:${ID}`);
  expect(ownerInCall('codex-mcp-client', {})).toBeNull();
  expect(ownerInCall('codex-mcp-client', undefined)).toBeNull();
  expect(ownerInCall('other', { threadId: ID })).toBeNull();
  expect(ownerInCall(undefined, { threadId: ID })).toBeNull();
});
