import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../src/interfaces/client/index.ts';
import { init, result, said } from '../agents/claude-lines.ts';
import { placeOf, type Played, recordedRun, type Step } from './agents.ts';
import { stateOf } from './database.ts';
import type { Home } from './home.ts';
import type { Expected, Scenario } from './scenarios.ts';
import { until, type Waiting } from './until.ts';

const OURS = { session_id: '{{session}}' };

export const opens: Step = { json: init(OURS) };
export const answers = (text: string): Step[] => [
  opens,
  { json: said(text, OURS) },
  { json: result({ ...OURS, result: text, total_cost_usd: 0.25 }) },
];

/** A plan's limit that ends at the epoch second `resetsAt`; then Claude gives up. */
const refuses = (resetsAt: number): Step[] => [
  opens,
  {
    json: {
      type: 'rate_limit_event',
      rate_limit_info: { status: 'rejected', resetsAt, rateLimitType: 'five_hour' },
      ...OURS,
    },
  },
  {
    json: result({
      ...OURS,
      is_error: true,
      api_error_status: 429,
      result: "You've hit your session limit",
      total_cost_usd: 0,
    }),
  },
  { exit: 1 },
];

/** The session is not there: what Claude says of it, and how it ends. */
export const knowsNoSession: readonly Step[] = [
  { replay: recordedRun('claude/no-session-persistence-resume') },
  { exit: 1 },
];

/** It does not end, or rather: not before it should have been ended, should nobody be left to do that. */
const stays: Step = { after: '70s' };

const CALLED = 'called';

/** The steps of the first call, those of calls that go on with a session, and those of all others. */
export const inTurn = (
  first: readonly Step[],
  resumed: readonly Step[],
  others: readonly Step[],
): Step[] => [
  ...[{ file: CALLED, text: '' }, ...first].map((step) => ({ ...step, unless_file: CALLED })),
  ...resumed.map((step) => ({ ...step, if_file: CALLED, if_argument: '--resume' })),
  ...others.map((step) => ({ ...step, if_file: CALLED, unless_argument: '--resume' })),
];

export const completed = (runs: number): Expected => ({ state: 'completed', runs });

export const asks = (
  key: string,
  agent: Played,
  { request = {}, ...more }: Partial<Scenario> & Pick<Scenario, 'expected'>,
  name = 'claude',
): Scenario => {
  const prompt = 'Create hello.txt, then check it.';
  const cwd = placeOf({ key });
  return { key, agent, request: { agent: { name, prompt }, cwd, ...request }, ...more };
};

/** What it says and leaves before it stays. */
const READY = 'ready';
const begins: readonly Step[] = [
  opens,
  { json: said('I look at it.', OURS) },
  { file: READY, text: '' },
  stays,
];

/** Until the agent of the scenario has said everything that it says by itself. */
export const hasBegun = (home: Home, scenario: Scenario, waiting?: Waiting): Promise<void> =>
  until(
    `"${scenario.key}" has begun`,
    () => existsSync(join(home.folder, placeOf(scenario), READY)),
    waiting,
  );

async function stopOnceItStays(
  client: Client,
  id: string,
  home: Home,
  waiting: Waiting,
  scenario: Scenario,
): Promise<void> {
  await hasBegun(home, scenario, waiting);
  await client.stop({ id });
}

/** A person lays the agent aside before the task may start, and takes that back once it waits for the agent. */
async function holdForAWhile(
  client: Client,
  id: string,
  home: Home,
  waiting: Waiting,
  { request }: Scenario,
): Promise<void> {
  const name = request.agent?.name ?? '';
  await client.hold({ name });
  // Asked beside the daemon, which would otherwise do little else than answer.
  const isDue = (): boolean => stateOf(home, id) !== 'waiting';
  await until(`${id} is due`, isDue, waiting);
  await client.release({ name });
}

/** Codex chooses its session itself, and keeps a log of it. */
const THREAD = '01a1fb92-d6d6-78d0-ac3e-26f1e4dd28df';
const codexAtWork: readonly Step[] = [
  { file: `.codex/sessions/rollout-${THREAD}.jsonl`, text: '{"type":"response_item"}\n' },
  { replay: recordedRun('codex/tool') },
];

const TOOLS = 'agent: works with tools';

/** Agents, all of them the fake one: nobody waits for a network, and what they say is known to the byte. */
export const AGENT_SCENARIOS: readonly Scenario[] = [
  asks(
    TOOLS,
    { plays: 'claude/tool', outcomes: ['ok'], sessions: [1] },
    { pushed: true, expected: completed(1) },
  ),
  asks(
    'agent: is refused, then goes on',
    {
      plays: (resetsAt) => inTurn(refuses(resetsAt), answers('All done.'), answers('Anew.')),
      outcomes: ['quota_exhausted', 'ok'],
      sessions: [1, 1],
      followed: true,
    },
    { expected: completed(2) },
  ),
  asks(
    'agent: is refused, then begins anew',
    {
      plays: (resetsAt) => inTurn(refuses(resetsAt), knowsNoSession, answers('Anew.')),
      outcomes: ['quota_exhausted', 'resume_unavailable', 'ok'],
      sessions: [1, 1, 2],
    },
    { expected: completed(3) },
  ),
  asks(
    'agent: answers and stays',
    { plays: () => [...answers('All done.'), stays], outcomes: ['ok'], sessions: [1] },
    { expected: completed(1) },
  ),
  asks(
    'agent: is stopped',
    { plays: () => begins, outcomes: ['stopped'], sessions: [1] },
    { expected: { state: 'cancelled', reason: 'user', runs: 1 }, act: stopOnceItStays },
  ),
  asks(
    'agent: has no credit',
    { plays: 'claude/billing', outcomes: ['quota_exhausted'], sessions: [1], held: true },
    { expected: { state: 'failed', reason: 'quota_exhausted', runs: 1 } },
  ),
  asks(
    'agent: is refused, another one does it',
    {
      plays: (resetsAt) => [
        ...refuses(resetsAt + 3_600).map((step) => ({ ...step, unless_argument: 'exec' })),
        ...codexAtWork.map((step) => ({ ...step, if_argument: 'exec' })),
      ],
      outcomes: ['quota_exhausted', 'ok'],
      sessions: [1, 2],
      held: true,
    },
    {
      request: {
        agent: { name: 'claude', prompt: 'Create hello.txt, then check it.', fallback: ['codex'] },
        exclusive: 'hello.txt',
      },
      expected: completed(2),
    },
  ),
  asks(
    'agent: is laid aside, names its session itself',
    { plays: () => codexAtWork, outcomes: ['ok'], sessions: [1] },
    {
      after: [{ key: TOOLS, when: 'always' }],
      expected: completed(1),
      act: holdForAWhile,
    },
    'codex',
  ),
];

/** Nobody is left to record the end of its first attempt. */
export const BEREAVED: Scenario = asks(
  'agent: loses its wrapper',
  {
    plays: () => inTurn(begins, answers('All done.'), answers('Anew.')),
    outcomes: ['lost', 'ok'],
    sessions: [1, 1],
    followed: true,
  },
  { request: { id: 'bereaved', retry: 1, backoff: ['20ms'] }, expected: completed(2) },
);
