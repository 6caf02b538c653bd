import { describe, expect, test } from 'vitest';
import { type Machine, resolvePaths } from './paths.ts';

const linux: Machine = { platform: 'linux', home: '/home/ann', temporary: '/tmp', user: '1000' };
const mac: Machine = { ...linux, platform: 'darwin', home: '/Users/ann' };

describe('with TEND_HOME', () => {
  test('everything lives under it', () => {
    expect(resolvePaths({ TEND_HOME: '/t', XDG_RUNTIME_DIR: '/run/u' }, linux)).toEqual({
      stateFolder: '/t',
      socket: '/t/tend.sock',
      configPath: '/t/config.toml',
      logPath: '/t/daemon.log',
      tokenPath: '/t/token',
      lockPath: '/t/daemon.lock',
    });
  });

  test('a relative one is made absolute, an empty one is none', () => {
    expect(resolvePaths({ TEND_HOME: 'x' }, linux).stateFolder).toBe(`${process.cwd()}/x`);
    expect(resolvePaths({ TEND_HOME: '' }, linux).stateFolder).toBe('/home/ann/.local/state/tend');
  });
});

describe('by convention', () => {
  test('XDG folders, absolute ones only', () => {
    const env = {
      XDG_STATE_HOME: '/s',
      XDG_CONFIG_HOME: 'relative',
      XDG_RUNTIME_DIR: '/run/user/1000',
    };
    expect(resolvePaths(env, linux)).toMatchObject({
      stateFolder: '/s/tend',
      configPath: '/home/ann/.config/tend/config.toml',
      socket: '/run/user/1000/tend.sock',
    });
    expect(resolvePaths({}, linux).socket).toBe('/home/ann/.local/state/tend/tend.sock');
  });

  test('macOS', () => {
    expect(resolvePaths({}, mac)).toMatchObject({
      stateFolder: '/Users/ann/Library/Application Support/tend',
      configPath: '/Users/ann/Library/Application Support/tend/config.toml',
    });
  });

  test('Windows has pipes', () => {
    const env = { LOCALAPPDATA: '/local', APPDATA: '/roaming' };
    const paths = resolvePaths(env, { ...linux, platform: 'win32' });
    expect(paths.stateFolder).toBe('/local/tend');
    expect(paths.configPath).toBe('/roaming/tend/config.toml');
    expect(paths.socket).toMatch(/^\\\\\.\\pipe\\tend-[0-9a-f]{12}$/);
  });
});

describe('a socket path too long for the kernel', () => {
  const long = `/${'long/'.repeat(30)}home`;

  test('moves to the runtime folder, under a name of its own', () => {
    const env = { TEND_HOME: long, XDG_RUNTIME_DIR: '/run/user/1000' };
    const { socket, stateFolder } = resolvePaths(env, linux);
    expect(stateFolder).toBe(long);
    expect(socket).toMatch(/^\/run\/user\/1000\/tend-[0-9a-f]{12}\.sock$/);
    expect(resolvePaths({ ...env, TEND_HOME: `${long}2` }, linux).socket).not.toBe(socket);
  });

  test('without one, to a folder of the user among the temporary ones', () => {
    const { socket } = resolvePaths({ TEND_HOME: long }, linux);
    expect(socket).toMatch(/^\/tmp\/tend-1000\/tend-[0-9a-f]{12}\.sock$/);
    const deep = { ...linux, temporary: long };
    expect(resolvePaths({ TEND_HOME: long, XDG_RUNTIME_DIR: long }, deep).socket).toBe(socket);
  });

  test('counts bytes, not characters', () => {
    const { socket } = resolvePaths({ TEND_HOME: `/${'ü'.repeat(50)}` }, linux);
    expect(Buffer.byteLength(socket)).toBeLessThan(100);
  });
});
