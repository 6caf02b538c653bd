import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sdNotify } from '../../src/daemon/sd-notify.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-sd-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of that name which notes how it was called. */
function program(ending: string): Record<string, string> {
  const path = join(folder, 'systemd-notify');
  writeFileSync(path, `#!/bin/sh\necho "$@ $NOTIFY_SOCKET $HOME" > ${folder}/called\n${ending}\n`);
  chmodSync(path, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin`, HOME: '/not-told' };
}

test.each(['/run/user/1000/systemd/notify', '@abstract'])('%s is told', async (socket) => {
  const environment = { ...program(''), NOTIFY_SOCKET: socket };
  expect(await sdNotify('READY=1', environment)).toBe(true);
  expect(readFileSync(join(folder, 'called'), 'utf8')).toBe(`READY=1 ${socket} \n`);
});

test('without a service manager nothing is started', async () => {
  expect(await sdNotify('READY=1', program(''))).toBe(false);
  expect(await sdNotify('READY=1', { ...program(''), NOTIFY_SOCKET: '' })).toBe(false);
  expect(existsSync(join(folder, 'called'))).toBe(false);
});

test('a program that fails or is not there is no problem', async () => {
  expect(await sdNotify('STOPPING=1', { ...program('exit 1'), NOTIFY_SOCKET: '/x' })).toBe(false);
  expect(await sdNotify('READY=1', { PATH: folder + '/none', NOTIFY_SOCKET: '/x' })).toBe(false);
});
