import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTendError } from '../../src/domain/errors.ts';
import type { Client } from '../../src/interfaces/client/index.ts';
import { answers, asks, completed, inTurn, knowsNoSession, opens } from './agent-scenarios.ts';
import { placeOf, type Step } from './agents.ts';
import { stateOf } from './database.ts';
import type { Home } from './home.ts';
import type { Scenario } from './scenarios.ts';
import { until, type Waiting } from './until.ts';

const QUESTION = { question: 'Which colour?', options: ['red', 'blue'] };

/** Asks a person, as the tool of the worker does. */
const asking = (more: object = {}): Step => ({ tell: 'ask', with: { ...QUESTION, ...more } });

const SOON = { within: '300ms' };

/** The id of the task's question; undefined = it is not durable yet. */
const questionOf = async (client: Client, id: string): Promise<string | undefined> =>
  (await client.questions({ task: id, all: true })).questions[0]?.id;

const hasAsked = async (client: Client, id: string): Promise<boolean> =>
  (await questionOf(client, id)) !== undefined;

/** Two people say the same at once and a third one comes too late: one of them is told that it was the first. */
async function answerTwice(client: Client, id: string): Promise<void> {
  const question = (await questionOf(client, id)) ?? id;
  const codes = await Promise.all(['red', 'red'].map((text) => answerWith(client, question, text)));
  if (codes.every((code) => code === null)) throw new Error(`${id} took two answers`);
  const late = await answerWith(client, question, 'blue');
  if (late !== 'already_answered') throw new Error(`${id} answered ${late} to a late answer`);
}

/** The code of the refusal; null = it was taken. */
async function answerWith(client: Client, id: string, text: string): Promise<string | null> {
  try {
    await client.answer({ id, text });
    return null;
  } catch (error) {
    if (isTendError(error) && error.code === 'already_answered') return error.code;
    throw error;
  }
}

const isOver = (home: Home, id: string): boolean =>
  ['completed', 'failed', 'cancelled'].includes(stateOf(home, id) ?? '');

async function answerOnceItWaits(
  client: Client,
  id: string,
  home: Home,
  waiting: Waiting,
): Promise<void> {
  await until(`${id} has asked`, () => hasAsked(client, id), waiting);
  await until(
    `${id} waits`,
    () => stateOf(home, id) !== 'running' && stateOf(home, id) !== 'finishing',
    waiting,
  );
  if (!isOver(home, id)) await answerTwice(client, id);
}

const GO = 'go';

/** The answer comes while the agent that asked is still there. */
async function answerWhileItRuns(
  client: Client,
  id: string,
  home: Home,
  waiting: Waiting,
  scenario: Scenario,
): Promise<void> {
  await until(`${id} has asked`, () => hasAsked(client, id), waiting);
  if (!isOver(home, id)) await answerTwice(client, id);
  writeFileSync(join(home.folder, placeOf(scenario), GO), '');
}

async function stopOnceItWaits(
  client: Client,
  id: string,
  home: Home,
  waiting: Waiting,
): Promise<void> {
  await until(`${id} waits`, () => isParked(home, id), waiting);
  await client.stop({ id });
}

const isParked = (home: Home, id: string): boolean =>
  stateOf(home, id) === 'awaiting_input' || isOver(home, id);

const FINISH = {
  result: 'Painted it.',
  summary: 'It is red.',
  checks: [
    { requirement: 'It is red.', met: true, evidence: 'looked' },
    { requirement: 'It is dry.', met: false, evidence: 'touched it' },
  ],
};

/** Agents that ask people, or tell what they made, through the tools of the worker. */
export const PEOPLE_SCENARIOS: readonly Scenario[] = [
  asks(
    'people: asks, is answered',
    {
      plays: () =>
        inTurn([opens, asking(), ...answers('I ask.')], answers('Red it is.'), answers('Anew.')),
      outcomes: ['parked', 'ok'],
      sessions: [1, 1],
      followed: true,
    },
    { pushed: true, expected: completed(2), act: answerOnceItWaits },
  ),
  asks(
    'people: asks and dies, the session is lost',
    {
      plays: () => inTurn([opens, asking(), { exit: 1 }], knowsNoSession, answers('Anew.')),
      outcomes: ['parked', 'resume_unavailable', 'ok'],
      sessions: [1, 1, 2],
    },
    { expected: completed(3), act: answerOnceItWaits },
  ),
  asks(
    'people: is answered while it runs',
    {
      plays: () =>
        inTurn(
          [opens, asking(), { wait_for: GO }, ...answers('I stop.')],
          answers('Red it is.'),
          answers('Anew.'),
        ),
      outcomes: ['parked', 'ok'],
      sessions: [1, 1],
    },
    { expected: completed(2), act: answerWhileItRuns },
  ),
  asks(
    'people: nobody answers, blue will do',
    {
      plays: () =>
        inTurn(
          [opens, asking({ ...SOON, default: 'blue' }), ...answers('I ask.')],
          answers('Blue it is.'),
          answers('Anew.'),
        ),
      outcomes: ['parked', 'ok'],
      sessions: [1, 1],
    },
    { expected: completed(2) },
  ),
  asks(
    'people: nobody answers',
    {
      plays: () => [opens, asking(SOON), ...answers('I ask.')],
      outcomes: ['parked'],
      sessions: [1],
    },
    { expected: { state: 'failed', reason: 'question_expired', runs: 1 } },
  ),
  asks(
    'people: is stopped while it waits',
    { plays: () => [opens, asking(), ...answers('I ask.')], outcomes: ['parked'], sessions: [1] },
    { expected: { state: 'cancelled', reason: 'user', runs: 1 }, act: stopOnceItWaits },
  ),
  asks(
    'people: finishes twice, with a gap',
    {
      plays: () => [
        opens,
        { tell: 'progress', with: { text: 'Half.', percent: 50 } },
        { tell: 'finish', with: FINISH },
        { tell: 'finish', with: { ...FINISH, result: 'No.' } },
        asking(),
        ...answers('Done.'),
      ],
      outcomes: ['ok'],
      sessions: [1],
    },
    { pushed: true, expected: completed(1) },
  ),
];
