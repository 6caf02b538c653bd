import type { Blame, Violation } from './invariants.ts';
import { callsIn } from './agents.ts';
import { readDatabase, readDeliveries, type StoredTask } from './database.ts';
import type { Home } from './home.ts';
import type { World } from './world.ts';

/** What people were asked and told, whenever a daemon died. */
export const PEOPLE_WORLD: World = {
  install: () => undefined,
  isSettled: () => true,
  check(home, scenarios) {
    const found: Violation[] = [];
    const tasks = readDatabase(home);
    for (const { key } of scenarios) {
      const task = tasks.find((one) => one.key === key);
      if (task === undefined) continue;
      const blame: Blame = (kind, detail) =>
        void found.push({ kind, detail: `"${key}" ${task.id}: ${detail}` });
      checkQuestions(home, task, blame);
      checkFinish(task, blame);
    }
    return found;
  },
  left: () => [],
};

/** The owner was asked each question under one id, and no answer was lost on the way to the agent. */
function checkQuestions(home: Home, { id, attempts }: StoredTask, blame: Blame): void {
  const asked = attempts.filter(({ worker }) => worker?.question !== undefined);
  const told = readDeliveries(home).filter(
    ({ task, kind, subscriber }) =>
      task === id && kind === 'question' && subscriber.startsWith('owner:'),
  );
  if (told.length !== asked.length)
    blame('delivery_lost', `${asked.length} questions, of which ${told.length} were told`);
  for (const { number, worker } of asked) {
    const answer = worker?.question?.answer ?? null;
    if (answer === null) continue;
    const next = callsIn(home).find(({ attemptId }) => attemptId === `${id}.${number + 1}`);
    const given = `${next?.argv.join('\n') ?? ''}\n${next?.stdin ?? ''}`;
    if (next !== undefined && !given.includes(answer.text))
      blame('prompt_changed', `attempt ${number + 1} was not told the answer ${answer.text}`);
  }
}

/** The first finish stands, with its gaps, and nothing was asked after it. */
function checkFinish({ attempts }: StoredTask, blame: Blame): void {
  for (const { number, worker } of attempts) {
    if (worker?.finish === undefined) continue;
    const { result, checks } = worker.finish;
    if (result !== 'Painted it.' || checks.every(({ met }) => met))
      blame('report_changed', `attempt ${number} finished with ${JSON.stringify(worker.finish)}`);
    if (worker.question !== undefined) blame('report_changed', `attempt ${number} asked after it`);
  }
}
