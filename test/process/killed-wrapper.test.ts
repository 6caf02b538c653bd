/** The wrapper is killed before each of its steps: nothing runs twice, no exit code is lost, nobody is invented. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptEvidence } from '../../src/domain/evidence.ts';
import type { TaskIn } from '../../src/domain/task.ts';
import { Folders } from '../../src/adapters/process/folders.ts';
import { Preparation } from '../../src/adapters/process/preparation.ts';
import { eachOnGround, fixture, line, living, until } from './ground.ts';

const ground = eachOnGround();
const WRAPPER = join(import.meta.dirname, '../../src/adapters/process/wrapper.sh');

const timesRun = (log: string): number =>
  fs.existsSync(log) ? fs.readFileSync(log, 'utf8').length : 0;

/** Prepares an attempt and runs its wrapper until step `n`; true when it was killed there. */
async function runUntil(task: TaskIn<'claimed'>, n: number): Promise<boolean> {
  const folders = new Folders(ground().state);
  const around = { socket: null, home: null, umask: 0o022 };
  await new Preparation(folders, around).prepare(task);
  const args = [WRAPPER, `${task.id}/1`, String(n)];
  const options = { cwd: folders.tasks, encoding: 'utf8' } as const;
  const { stdout } = spawnSync(fixture('killed-wrapper'), args, options);
  expect(['killed\n', 'done\n']).toContain(stdout);
  return stdout === 'killed\n';
}

/** An empty claim is young at first; here it ages at once. */
function age(task: TaskIn<'claimed'>): void {
  const claim = join(ground().folder(task), 'claim');
  const long = new Date(Date.now() - 10_000);
  if (fs.existsSync(claim) && fs.statSync(claim).size === 0) fs.utimesSync(claim, long, long);
}

async function check(task: TaskIn<'claimed'>, log: string): Promise<AttemptEvidence> {
  age(task);
  const evidence = await ground().supervisor.inspect(task);
  expect(evidence.kind).not.toBe('alive');
  const record = join(ground().folder(task), 'exit');
  if (fs.existsSync(record) && fs.readFileSync(record, 'utf8') === '7\n')
    expect(evidence).toMatchObject({ kind: 'exited', exit: { code: 7 } });
  await until(() => living(ground().state).length === 0);
  const before = timesRun(log);
  await ground().supervisor.launch(task);
  const end = await ground().over(task);
  expect(timesRun(log)).toBeLessThanOrEqual(1);
  if (evidence.kind === 'none') expect(end).toMatchObject({ kind: 'exited', exit: { code: 7 } });
  else {
    expect(timesRun(log)).toBe(before);
    expect(end.kind).toBe(evidence.kind);
  }
  return evidence;
}

test('at every step', async () => {
  const seen: string[] = [];
  for (let step = 1; ; step += 1) {
    const log = join(ground().state, `log-${step}`);
    const task = ground().task(line(`printf x >>${log}; exit 7`));
    const wasKilled = await runUntil(task, step);
    const { kind } = await check(task, log);
    if (seen.at(-1) !== kind) seen.push(kind);
    if (wasKilled) continue;
    // It ran to its end: every step has been tried.
    expect(kind).toBe('exited');
    expect(step).toBeGreaterThan(15);
    break;
  }
  expect(seen).toEqual(['none', 'gone', 'exited']);
});

test('at every step, with a pipe on its stdin: nothing hangs, and no feeder is left', async () => {
  const seen: string[] = [];
  for (let step = 1; ; step += 1) {
    const log = join(ground().state, `log-${step}`);
    const task = ground().task(line(`cat >/dev/null; printf x >>${log}; exit 7`), { input: true });
    const ref = { taskId: task.id, number: 1 };
    fs.mkdirSync(join(ground().folder(task), 'input'), { recursive: true, mode: 0o700 });
    await ground().supervisor.inputs.put(ref, Buffer.from('x'), true);
    const wasKilled = await runUntil(task, step);
    age(task);
    const evidence = await ground().supervisor.inspect(task);
    if (evidence.kind === 'gone') await ground().supervisor.endSurvivors(ref);
    const { kind } = await check(task, log);
    if (seen.at(-1) !== kind) seen.push(kind);
    if (wasKilled) continue;
    expect(kind).toBe('exited');
    expect(step).toBeGreaterThan(20);
    break;
  }
  expect(seen).toEqual(['none', 'gone', 'exited']);
});
