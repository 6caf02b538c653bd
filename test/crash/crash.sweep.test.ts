/** The proof: everything that can be killed is killed everywhere, and nothing is lost. `UPDATE_MATRIX=1` writes the result. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentRules } from './agents.rules.ts';
import { bugRules } from './bugs.rules.ts';
import { faultRules } from './faults.rules.ts';
import { instantRules } from './instants.rules.ts';
import { forgetCompiled } from './life.ts';
import { Matrix } from './matrix.ts';
import { peopleRules } from './people.rules.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { startRules } from './starts.rules.ts';
import { sweep } from './sweep.ts';
import { workspaceRules } from './workspaces.rules.ts';
import { wrapperRules } from './wrapper.rules.ts';

/** A level is hundreds of daemons (ms). */
const LONG = 1_200_000;

/** Before and after each nth call: after one is before the next. `CRASH_EACH=1` for all of them, which takes half an hour more. */
const EACH = Number(process.env['CRASH_EACH'] ?? 4);

const matrix = new Matrix();
let open: Receiver;
const receiver = (): Receiver => open;

beforeAll(async () => {
  open = await openReceiver();
});

afterAll(async () => {
  await open.close();
  forgetCompiled();
  process.stdout.write(`${matrix.toString()}\n`);
  if (process.env['UPDATE_MATRIX'] === '1') matrix.write();
});

describe('a daemon killed at every', () => {
  test.each([
    ['port', 'before', EACH],
    ['port', 'after', EACH],
    ['sql', 'before', EACH],
    ['sql', 'after', Math.ceil(EACH / 2)],
  ] as const)(
    '%s call, %s it',
    async (level, when, each) => {
      expect(await sweep({ level, when, each }, receiver(), matrix)).toEqual([]);
    },
    LONG,
  );
});

instantRules(receiver, matrix, 40);
agentRules(receiver, matrix, 12);
peopleRules(receiver, matrix, 8);
workspaceRules(receiver, matrix, 6);
wrapperRules(receiver, matrix);
startRules(receiver, matrix);
faultRules(receiver, matrix);
bugRules(receiver, matrix);
