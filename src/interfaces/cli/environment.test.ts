import { expect, test } from 'vitest';
import { capturedEnvironment, ownerFor, shellFor } from './environment.ts';

test('what belongs to this shell or to tend stays behind', () => {
  const env = {
    PATH: '/bin',
    npm_config_x: 'kept',
    EMPTY: '',
    GONE: undefined,
    _: '/usr/bin/node',
    SHLVL: '2',
    PWD: '/a',
    OLDPWD: '/b',
    NODE_COMPILE_CACHE: '/c',
    TEND_HOME: '/h',
    TEND_TASK_ID: 't-1',
    TEND_ATTEMPT_ID: 't-1.1',
    TEND_OWNER: 'me',
    TEND_SOCKET: '/s',
  };
  expect(capturedEnvironment(env)).toEqual({
    PATH: '/bin',
    npm_config_x: 'kept',
    EMPTY: '',
    TEND_HOME: '/h',
  });
});

test('what is given by hand wins, whatever its name', () => {
  const captured = capturedEnvironment({ A: '1', PWD: '/a' }, { A: '2', PWD: '/b', TEND_X: '3' });
  expect(captured).toEqual({ A: '2', PWD: '/b', TEND_X: '3' });
});

test.each([
  ['/bin/bash', '/bin/bash'],
  ['/usr/bin/zsh', '/usr/bin/zsh'],
  ['/usr/local/bin/ksh', '/usr/local/bin/ksh'],
  ['/usr/bin/fish', '/bin/sh'],
  ['/opt/nu', '/bin/sh'],
  ['bash', '/bin/sh'],
  ['', '/bin/sh'],
  [undefined, '/bin/sh'],
])('with SHELL=%s a line is for %s', (SHELL, shell) => expect(shellFor({ SHELL })).toBe(shell));

test('the owner is the session, else the user', () => {
  expect(ownerFor({ TEND_OWNER: 'host:1' }, 1000)).toBe('host:1');
  expect(ownerFor({ TEND_OWNER: '' }, 1000)).toBe('cli:1000');
  expect(ownerFor({}, undefined)).toBeUndefined();
});
