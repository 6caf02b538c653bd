import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { workerTokens } from '../../src/adapters/tokens/worker-tokens.ts';
import { openTend, type Tend } from '../../src/index.ts';
import { until } from '../cli/home.ts';

let home: string;
let tend: Tend | null = null;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tq-'));
});
afterEach(async () => {
  await tend?.close();
  tend = null;
  rmSync(home, { recursive: true, force: true });
});

const entry = join(import.meta.dirname, '../../src/daemon/rebuild.ts');

/** The database is lost, and made again from what stands beside it. */
async function lost(): Promise<Tend> {
  await tend?.close();
  for (const name of readdirSync(home).filter((one) => one.startsWith('tend.db')))
    writeFileSync(join(home, name), 'this was a database once');
  await expect(openTend({ home })).rejects.toMatchObject({ code: 'database_corrupt' });
  const env = { PATH: '/usr/bin:/bin', TEND_HOME: home };
  expect(spawnSync(process.execPath, [entry], { env }).status).toBe(0);
  tend = await openTend({ home });
  return tend;
}

const reaches = (one: Tend, state: string) =>
  until(`it is ${state}`, async () => {
    const task = await one.show({ id: 'asks' });
    return task.state === state ? task : null;
  });

test('a task that is parked stays parked, and what was answered is not asked again', async () => {
  const result = JSON.stringify({ type: 'result', subtype: 'success', result: 'I stop.' });
  const wait = `while [ ! -e '${home}/go' ]; do sleep 0.02; done`;
  writeFileSync(join(home, 'claude'), `#!/bin/sh\n${wait}\necho '${result}'\n`, { mode: 0o755 });
  const first = (tend = await openTend({ home }));
  const env = { PATH: `${home}:/usr/bin:/bin` };
  const agent = { name: 'claude', prompt: 'Fix it.' };
  const { createdAt } = await first.submit({ agent, cwd: '/', env, id: 'asks' });
  await reaches(first, 'running');
  const secret = readFileSync(join(home, 'worker-secret'), 'utf8').trim();
  const place = { taskId: 'asks', createdAt: Date.parse(createdAt), attempt: 1 };
  const token = workerTokens(secret).of(place);
  const { question } = await first.workerAsk({ token, question: 'Which one?' });
  writeFileSync(join(home, 'go'), '');
  await reaches(first, 'awaiting_input');

  const second = await lost();
  const parked = await reaches(second, 'awaiting_input');
  expect(parked.question).toMatchObject({ id: question.id, question: 'Which one?', state: 'open' });
  const { deliveries } = await second.inbox({});
  expect(deliveries.map(({ kind }) => kind)).toEqual(['question']);
  await second.answer({ id: question.id, text: 'this one' });

  const third = await lost();
  await third.wait({ ids: ['asks'] });
  const done = await third.show({ id: 'asks' });
  expect(done).toMatchObject({
    state: 'completed',
    attempt: 2,
    attempts: [{ outcome: { kind: 'parked' } }, {}],
  });
  const { prompt } = (await third.prompt({ id: 'asks' })) as { prompt: string };
  expect(prompt).toContain('this one');
});
