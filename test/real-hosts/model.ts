/** What the host's model does: it delegates when it is told to, and takes note of everything else. */
import { SCENARIOS } from '../fixtures/stub-model-server.mjs';

/** The word in a prompt on which the model delegates. */
export const DELEGATE = 'DELEGATE';
/** Its agent stands for a worker that asks before it does anything. */
export const WORKER = 'claude';

const task = {
  kind: 'task-run',
  agent: WORKER,
  prompt: 'Paint the fence.',
  title: 'paint the fence',
  // Asked twice (once for the tool, once for its use), it is the same task.
  key: 'fence',
};

export const SCENARIO = 'host';

SCENARIOS[SCENARIO] = {
  about: 'a host that delegates one task and is told of it',
  turns: (n, { human }) =>
    human.includes(DELEGATE) && n < 2
      ? { text: 'I delegate it.', calls: [task] }
      : { text: 'Noted.' },
};
