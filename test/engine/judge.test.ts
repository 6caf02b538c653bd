import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JudgedFacts } from '../../src/domain/product.ts';
import type { Task } from '../../src/domain/task.ts';
import { NO_CHECKS } from '../../src/engine/checks-resolve.ts';
import type { ChecksAsk } from '../../src/engine/work-facade.ts';
import { init, result, said } from '../agents/claude-lines.ts';
import { openStage, type Stage } from '../agents/ground.ts';
import { SPEC } from './ground.ts';
import { endedOf, makeYard, patiently, type Yard } from './yard.ts';

let stage: Stage;
let yard: Yard;

beforeEach(async () => {
  yard = makeYard();
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  yard.remove();
  expect(stage.ground.faults).toEqual([]);
});

/** Claude answers with these decisions, one call after the other; it repeats the marker that it was told. */
function judges(...decisions: string[]): void {
  const answer = (decision: string): string =>
    `{"marker": "MARKER", "decision": "${decision}", "reasons": ["because of ${decision}"]}`;
  const lines = decisions.map((decision) =>
    [init(), said(answer(decision)), result({ result: answer(decision), total_cost_usd: 0.1 })]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  );
  stage.installs(
    'claude',
    `#!${process.execPath}
const fs = require('node:fs');
const log = ${JSON.stringify(stage.at('asked'))};
const asked = fs.readFileSync(0, 'utf8') + process.argv.join(' ');
const nth = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('\\0').length - 1 : 0;
fs.appendFileSync(log, process.cwd() + '\\n' + asked + '\\0');
const lines = ${JSON.stringify(lines)};
const [, marker] = /marker\\\\?": \\\\?"([0-9a-z-]+)/.exec(asked) ?? [];
console.log((lines[nth] ?? lines.at(-1)).replaceAll('MARKER', marker));
`,
  );
}

const work = (changes: Partial<ChecksAsk>) => ({
  workspace: { kind: 'worktree' as const, branch: null, base: null, setup: null },
  checks: { ...NO_CHECKS, judge: { agent: 'claude', model: null }, ...changes },
});

async function submit(command: string, changes: Partial<ChecksAsk> = {}): Promise<string> {
  const { task } = await stage.ground.node.submit({
    id: null,
    runAt: null,
    environment: stage.environment,
    spec: {
      ...SPEC,
      cwd: yard.root,
      work: { kind: 'command', command, shell: '/bin/sh' },
      asks: work(changes),
    },
  });
  return task.id;
}

const judged = (task: Task | undefined): JudgedFacts | undefined => endedOf(task).product?.judged;

test('work that a judge approves is done; it saw the change in a checkout of its own', async () => {
  judges('approve');
  const id = await submit('echo two >>a.txt');
  const [task] = await stage.ground.settled(id);
  expect(task?.state).toBe('completed');
  const [check] = await stage.ground.ports.store.checksOf(id);
  expect(judged(task)).toEqual({
    decision: 'approve',
    reasons: ['because of approve'],
    run: check?.id,
  });
  expect(check?.spec.work).toMatchObject({ kind: 'agent', permissions: 'read-only' });
  const asked = readFileSync(stage.at('asked'), 'utf8');
  expect(asked).toContain('+two');
  expect(asked).toContain(`.checks/${check?.id}.1`);
  await patiently(() => stage.ground.ports.workspaces.leftovers()).toEqual([]);
});

test('work that a judge sends back is done again, as often as it may', async () => {
  judges('revise', 'approve');
  const id = await submit('echo more >>a.txt; cat ${TEND_FEEDBACK:-/dev/null} >told');
  const [task] = await stage.ground.settled(id);
  expect(task).toMatchObject({ state: 'completed', attempt: { number: 2 } });
  expect(yard.fileAt(`tend/${id}`, 'told')).toContain('because of revise');
  judges('revise');
  const [bad] = await stage.ground.settled(await submit('echo more >>a.txt', { judgeRounds: 1 }));
  expect(bad).toMatchObject({ reason: 'judge_rejected', attempt: { number: 2 } });
});

test('what a judge leaves to a person waits for one', async () => {
  judges('escalate');
  const id = await submit('echo more >>a.txt');
  const task = await stage.ground.reaches(id, 'awaiting_review');
  expect(judged(task)?.decision).toBe('escalate');
  expect(await stage.ground.node.work.accept(id)).toMatchObject({ state: 'completed' });
});

test('a daemon that takes over hears what the judge said', async () => {
  judges('approve');
  const id = await submit('echo more >>a.txt');
  await stage.ground.reaches(id, 'finishing');
  await stage.ground.reopen();
  const [task] = await stage.ground.settled(id);
  expect(judged(task)?.decision).toBe('approve');
  expect(await stage.ground.ports.store.checksOf(id)).toHaveLength(1);
});
