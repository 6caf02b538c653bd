import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTend, type Tend } from '../../src/index.ts';

let home: string;
let tend: Tend | null = null;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tb-'));
});
afterEach(async () => {
  await tend?.close();
  tend = null;
  rmSync(home, { recursive: true, force: true });
});

const env = { PATH: '/usr/bin:/bin' };
const entry = join(import.meta.dirname, '../../src/daemon/rebuild.ts');

function rebuild() {
  const { stdout, status } = spawnSync(process.execPath, [entry], {
    env: { ...env, TEND_HOME: home },
    encoding: 'utf8',
  });
  return { status, said: JSON.parse(stdout) as Record<string, unknown> };
}

async function open(): Promise<Tend> {
  tend = await openTend({ home });
  return tend;
}

test('a garbled database is moved aside, refused until it is rebuilt, and then complete again', async () => {
  const first = await open();
  const done = await first.submit({ command: 'echo kept; exit 2', cwd: '/', env, id: 'done' });
  await first.wait({ ids: [done.id] });
  const going = await first.submit({ command: 'sleep 1.5; exit 5', cwd: '/', env, id: 'going' });
  for await (const { data } of first.taskEvents({ id: going.id }))
    if (data.state === 'running') break;
  await first.close();
  for (const name of readdirSync(home).filter((one) => one.startsWith('tend.db')))
    writeFileSync(join(home, name), 'this was a database once');

  await expect(open()).rejects.toMatchObject({ code: 'database_corrupt' });
  await expect(open()).rejects.toMatchObject({ code: 'database_corrupt' });
  const { status, said } = rebuild();
  expect(status).toBe(0);
  expect(said).toMatchObject({ fromDatabase: [], fromFolders: ['done', 'going'], unreadable: [] });

  const again = await open();
  const { tasks } = await again.wait({ ids: ['done', 'going'] });
  expect(tasks).toMatchObject([
    { state: 'failed', exitCode: 2, attempt: 1 },
    { state: 'failed', exitCode: 5, attempt: 1 },
  ]);
  expect(await again.output({ id: 'done' })).toMatchObject({ text: 'kept\n' });
  expect(readdirSync(home).filter((name) => name.includes('.corrupt-'))).not.toEqual([]);
});

const garble = (): void => {
  for (const name of readdirSync(home).filter((one) => one.startsWith('tend.db')))
    writeFileSync(join(home, name), 'this was a database once');
};

test('an attempt is read in the words of the agent that made it', async () => {
  const lines = (name: string, ...said: readonly object[]): void => {
    const text = said.map((one) => `echo '${JSON.stringify(one)}'`).join('\n');
    writeFileSync(join(home, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  lines('claude', {
    type: 'result',
    is_error: true,
    api_error_status: 429,
    result: 'You hit your session limit',
  });
  lines(
    'codex',
    { type: 'thread.started', thread_id: 'th-1' },
    { type: 'item.completed', item: { id: 'i0', type: 'agent_message', text: 'By codex.' } },
    { type: 'turn.completed', usage: { input_tokens: 1, output_tokens: 1 } },
  );
  const path = { PATH: `${home}:/usr/bin:/bin` };
  const agent = { name: 'claude', prompt: 'Fix it.', fallback: ['codex'] };
  const first = await open();
  await first.submit({ agent, cwd: '/', env: path, id: 'one' });
  await first.wait({ ids: ['one'] });
  const before = await first.show({ id: 'one' });
  expect(before).toMatchObject({ answer: 'By codex.', agent: { name: 'codex' } });
  await first.close();
  garble();
  await expect(open()).rejects.toMatchObject({ code: 'database_corrupt' });
  expect(rebuild().said).toMatchObject({ fromFolders: ['one'] });
  const again = await open();
  await again.wait({ ids: ['one'] });
  expect(await again.show({ id: 'one' })).toMatchObject({
    state: 'completed',
    answer: 'By codex.',
    attempt: 2,
    agent: { name: 'codex', sessionId: 'th-1' },
    attempts: [{ agent: 'claude' }, { agent: 'codex' }],
  });
});

test('a sound database is left as it is', async () => {
  const first = await open();
  await first.submit({ argv: ['true'], cwd: '/', env, id: 'one' });
  await first.wait({ ids: ['one'] });
  await first.close();
  expect(rebuild().said).toMatchObject({ fromDatabase: [], fromFolders: [], quarantined: [] });
  expect(await (await open()).show({ id: 'one' })).toMatchObject({ state: 'completed' });
});

test('a running daemon keeps its database', async () => {
  await open();
  expect(rebuild()).toMatchObject({ status: 1, said: { error: { code: 'protected' } } });
});
