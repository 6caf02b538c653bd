/** The proof: everything that can be killed is killed everywhere, and nothing is lost. `UPDATE_MATRIX=1` writes the result. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentRules } from './agents.rules.ts';
import { bugRules } from './bugs.rules.ts';
import { faultRules } from './faults.rules.ts';
import { instantRules } from './instants.rules.ts';
import { forgetCompiled } from './life.ts';
import { Matrix } from './matrix.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { startRules } from './starts.rules.ts';
import { sweep } from './sweep.ts';
import { workspaceRules } from './workspaces.rules.ts';
import { wrapperRules } from './wrapper.rules.ts';

/** A level is hundreds of daemons (ms). */
const LONG = 1_200_000;

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
    ['port', 'before', 1],
    ['port', 'after', 1],
    // Statements in one transaction are one moment: of these each second one.
    ['sql', 'before', 2],
    ['sql', 'after', 1],
  ] as const)(
    '%s call, %s it',
    async (level, when, each) => {
      expect(await sweep({ level, when, each }, receiver(), matrix)).toEqual([]);
    },
    LONG,
  );
});

instantRules(receiver, matrix, 60);
agentRules(receiver, matrix, 12);
workspaceRules(receiver, matrix, 6);
wrapperRules(receiver, matrix);
startRules(receiver, matrix);
faultRules(receiver, matrix);
bugRules(receiver, matrix);
