import { TendError } from '../domain/errors.ts';
import type { Finish, WorkerFacts } from '../domain/worker.ts';
import type { WorkerVerbs } from './worker-facade.ts';
import {
  askPerson,
  deadlineFor,
  tell,
  type WorkerAround,
  type Working,
  workingOn,
} from './worker-around.ts';
import { groupPart } from './worker-group.ts';
import { permissionPart } from './worker-permission.ts';

/** What the agent of a running attempt may do. */
export const workerVerbs = (around: WorkerAround): WorkerVerbs => ({
  ...ownPart(around),
  ...permissionPart(around),
  ...groupPart(around),
});

/** Progress that is told again sooner (ms) is left out, but for the end of it: each is a durable write. */
const PROGRESS_PACE = 200;

type Own = Pick<WorkerVerbs, 'task' | 'ask' | 'finish' | 'progress'>;

function ownPart(around: WorkerAround): Own {
  const now = (): number => around.ports.clock.now();
  return {
    task: (token) => workingOn(around, token),
    ask: (token, { text, options, context, within, fallback }) => {
      const deadlineAt = deadlineFor(around, within);
      const asked = { asker: 'worker' as const, text, options, context, deadlineAt, fallback };
      return askPerson(around, token, asked);
    },
    finish: async (token, told) => {
      const decide = (worker: WorkerFacts, { id }: Working): WorkerFacts | null =>
        finished(worker, { ...told, at: now() }, id);
      const { attempt } = await tell(around, token, decide, 'finished');
      return attempt.worker?.finish as Finish;
    },
    progress: async (token, told) => {
      const decide = ({ progress }: WorkerFacts): WorkerFacts | null => {
        const at = now();
        const isTooSoon = progress !== undefined && at - progress.at < PROGRESS_PACE;
        return isTooSoon && told.percent !== 100 ? null : { progress: { ...told, at } };
      };
      await tell(around, token, decide, 'progress');
    },
  };
}

/** The first one stands. */
function finished({ finish, question }: WorkerFacts, told: Finish, id: string): WorkerFacts | null {
  if (finish !== undefined) {
    if (contentOf(finish) === contentOf(told)) return null;
    throw new TendError(
      'already_finished',
      `this attempt of ${id} has told another result before`,
      'The first one stands. End now.',
    );
  }
  if (question !== undefined && question.answer === null)
    throw new TendError(
      'not_ended',
      `this attempt of ${id} has asked and is not answered yet: ${question.id}`,
      'Stop now, without finishing: the answer comes with the next run.',
    );
  return { finish: told };
}

const contentOf = ({ result, summary, checks, significance, notify }: Finish): string =>
  JSON.stringify([
    result,
    summary,
    checks.map(({ requirement, met, evidence }) => [requirement, met, evidence]),
    significance,
    notify,
  ]);
