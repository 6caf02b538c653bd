import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LiveSettings } from '../../src/daemon/settings.ts';
import { workerServer } from '../../src/daemon/worker-server.ts';

const TOOLS = { command: '/node', args: ['tend'], env: {} };

function settings(text: string): LiveSettings {
  const folder = mkdtempSync(join(tmpdir(), 'tend-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'config.toml');
  writeFileSync(path, text);
  return new LiveSettings(path, TOOLS);
}

test.each([
  ['', 7 * 86_400_000, '7d'],
  ['[questions]\ndeadline = "2h"', 7_200_000, '2h'],
  ['[questions]\ndeadline = 90', 90_000, '90s'],
  ['[questions]\ndeadline = 0', null, '0'],
  ['[questions]\ndeadline = "0"', null, '0'],
])('%j waits for an answer this long', (text, expected, shown) => {
  const at = settings(text);
  expect(at.questionDeadline).toBe(expected);
  expect(at.configuration().values['questions.deadline']).toBe(shown);
});

test.each([
  ['[questions]\ndeadline = "soon"', /questions\.deadline is no duration/],
  ['[questions]\ndeadline = "9999d"', /at most 3650d/],
  ['[questions]\ndeadline = -1', /questions\.deadline/],
  ['[worker]\ntools = "yes"', /worker\.tools must be true or false/],
])('%j is refused', (text, message) => {
  expect(() => settings(text)).toThrow(message);
});

test('agents get their tools unless they are turned off', () => {
  expect(settings('').workerTools).toBe(TOOLS);
  const off = settings('[worker]\ntools = false');
  expect(off.workerTools).toBeNull();
  expect(off.configuration().values['worker.tools']).toBe(false);
});

test('the tools are served by this installation, for this daemon', () => {
  const { command, args, env } = workerServer({ socket: '/s/tend.sock' }) ?? TOOLS;
  expect(command).toBe(process.execPath);
  expect(args).toEqual([join(import.meta.dirname, '../../bin/tend.cjs'), 'mcp', '--worker']);
  expect(env).toEqual({ TEND_SOCKET: '/s/tend.sock' });
});
