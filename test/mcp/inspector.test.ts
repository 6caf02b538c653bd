/** The inspector of the protocol's authors, where the registry can be reached. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openHome } from './ground.ts';

const BIN = join(import.meta.dirname, '../../bin/tend.cjs');
const INSPECTOR = '@modelcontextprotocol/inspector@2.11';

it('finds nothing wrong with the tools, and can call them', { timeout: 240_000 }, ({ skip }) => {
  const home = openHome();
  const folder = join(home.path, 'npm');
  mkdirSync(folder);
  // The registry may be behind a proxy that this environment knows.
  const npm = { npm_config_cache: join(folder, 'cache'), npm_config_fetch_retries: '0' };
  const env = { ...process.env, ...home.env, ...npm, HOME: folder };
  const npx = (args: readonly string[], timeout: number) =>
    spawnSync('npx', ['-y', INSPECTOR, '--cli', ...args], {
      env,
      cwd: folder,
      timeout,
      encoding: 'utf8',
    });
  const ready = npx(['--help'], 120_000);
  if (ready.status !== 0) skip(`the inspector cannot be fetched: ${ready.stderr.slice(-300)}`);
  const inspect = (...args: string[]) => {
    const state = ['-e', `TEND_HOME=${home.env['TEND_HOME']}`];
    return npx([...state, ...args, '--', process.execPath, BIN, 'mcp'], 60_000);
  };
  const listed = inspect('--method', 'tools/list', '--strict');
  expect(listed.stderr).not.toMatch(/^(Error|Warning): tool/m);
  expect(listed.status).toBe(0);
  const call = JSON.stringify({ command: 'echo inspected', wait: 20 });
  const called = inspect(
    '--method',
    'tools/call',
    '--tool-name',
    'task_run',
    '--tool-args-json',
    call,
  );
  expect(called.status).toBe(0);
  expect(JSON.parse(called.stdout)).toMatchObject({
    structuredContent: { task: { verdict: 'delivered', result: 'inspected\n' } },
  });
  const templates = inspect('--method', 'resources/templates/list');
  expect(JSON.parse(templates.stdout)).toMatchObject({ resourceTemplates: [{}, {}] });
});
