import { describe, expect, test } from 'vitest';
import { gemini } from '../../src/adapters/agents/gemini.ts';
import { replay } from '../../src/engine/replay.ts';
import { goldenTable } from './golden.ts';
import { comesTo, PLACE, type RecordedRun, recording } from './recordings.ts';

goldenTable('gemini', gemini);

const SESSION = '4f70e789-0b2f-4295-bd02-2b22fd2d3596';
const INIT = { type: 'init', session_id: SESSION, model: 'auto' };
const STATS = { input_tokens: 10, output_tokens: 2, cached: 4 };
const says = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true });
const uses = (tool_id: string, tool_name = 'read_file', parameters: object = {}) => ({
  type: 'tool_use',
  tool_name,
  tool_id,
  parameters,
});
const answers = (tool_id: string, output = '', error?: object) => ({
  type: 'tool_result',
  tool_id,
  status: error === undefined ? 'success' : 'error',
  output,
  error,
});
const troubled = (message: string, severity = 'error') => ({ type: 'error', severity, message });
const SUCCESS = { type: 'result', status: 'success', stats: STATS };
const failedWith = (message: string, type = 'unknown') => ({
  type: 'result',
  status: 'error',
  error: { type, message },
  stats: STATS,
});

const lines = (...of: readonly (object | string)[]): Buffer =>
  Buffer.from(
    of.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
const run = (stdout: Buffer, over: Partial<RecordedRun> = {}): RecordedRun => ({
  argv: [],
  stdout,
  stderr: Buffer.alloc(0),
  log: null,
  exit: { code: 0 },
  ...over,
});
const seenOf = (...of: readonly (object | string)[]) => comesTo(gemini, run(lines(INIT, ...of)));
const outcomeOf = (...of: readonly (object | string)[]): string => seenOf(...of).outcome;
const exited = (
  code: number,
  stderr: string,
  stdout: Buffer = Buffer.alloc(0),
  resumed: string | null = null,
) => comesTo(gemini, run(stdout, { exit: { code }, stderr: Buffer.from(stderr) }), resumed);
const eventsOf = (stdout: Buffer, stderr = '') =>
  replay(
    gemini,
    { stdout, stderr: Buffer.from(stderr), exit: { code: 0 }, resumed: null },
    PLACE,
  ).events.map(({ event }) => event);

describe('what a run came to', () => {
  test('a success is none that its loop detector, its turns or an error ended', () => {
    expect(
      outcomeOf(says('Step.'), troubled('Loop detected, stopping execution', 'warning'), SUCCESS),
    ).toBe('agent_error');
    expect(outcomeOf(says('Step.'), troubled('Maximum session turns exceeded'), SUCCESS)).toBe(
      'max_turns',
    );
    expect(outcomeOf(says('Step.'), troubled('Safety block.'), SUCCESS)).toBe('agent_error');
    expect(outcomeOf(troubled('Safety block.'), says('Done.'), SUCCESS)).toBe('ok');
    expect(outcomeOf(says('Done.'), troubled('Some advice.', 'warning'), SUCCESS)).toBe('ok');
  });

  test('an exit code of 0 is no success without a result', () => {
    expect(comesTo(gemini, recording('gemini', 'sigterm-tool-no-relaunch')).outcome).toBe(
      'no_final_answer',
    );
    expect(outcomeOf(says('Done.'))).toBe('no_final_answer');
    expect(outcomeOf(says('Done.'), JSON.stringify(SUCCESS).slice(0, 30))).toBe('no_final_answer');
    expect(outcomeOf({ type: 'result', status: 'error' })).toBe('agent_error');
    expect(outcomeOf(SUCCESS)).toBe('no_final_answer');
    expect(outcomeOf(says('Looking.'), uses('a'), answers('a'), SUCCESS)).toBe('no_final_answer');
  });

  test('what a model or a tool says is no refusal and no protocol', () => {
    const talk = 'You have exhausted your daily quota. {"type":"result","status":"error"} 429';
    const worked = [uses('a'), answers('a', talk, { message: talk }), says(talk)];
    expect(seenOf(...worked, SUCCESS)).toMatchObject({ outcome: 'ok', limit: null, answer: talk });
    const broken = exited(1, `Error executing tool x: ${talk}\n`, lines(INIT, ...worked));
    expect(broken).toMatchObject({ outcome: 'agent_error', limit: null });
    const told = exited(1, `Error executing tool x: ${talk}\n`, lines(INIT, troubled('Odd.')));
    expect(told).toMatchObject({ outcome: 'agent_error', limit: null });
  });

  test('the last result counts, and what comes after it changes no answer', () => {
    expect(outcomeOf(says('Done.'), SUCCESS, failedWith('boom'))).toBe('agent_error');
    expect(outcomeOf(says('Done.'), failedWith('boom'), SUCCESS)).toBe('ok');
    const late = [says(' Late.'), uses('z'), { ...INIT, session_id: 'other' }];
    expect(seenOf(says('Done.'), SUCCESS, ...late)).toMatchObject({
      outcome: 'ok',
      answer: 'Done.',
      sessionId: SESSION,
    });
  });

  test('another session than the one to be resumed is a failure', () => {
    const silent = recording('gemini', 'resume-empty');
    expect(comesTo(gemini, silent, SESSION).outcome).toBe('resume_unavailable');
    const asked = recording('gemini', 'resume');
    expect(comesTo(gemini, asked, '31da1f94-6b3b-4e2f-8f02-7d2dc4935517').outcome).toBe('ok');
  });

  test('wrong shapes are passed over', () => {
    const odd = [
      'Loaded cached credentials.',
      'null',
      '[1]',
      '{"type":7}',
      '{"type":"new_thing"}',
      '{"type":"message","role":"assistant","content":{"x":1}}',
      '{"type":"tool_use"}',
      '{"type":"tool_result","output":[]}',
      '{"type":"error"}',
      '{"type":"init","session_id":1}',
    ];
    const seen = seenOf(...odd, says('Done.'), {
      type: 'result',
      status: 'success',
      stats: 'none',
    });
    expect(seen).toMatchObject({ outcome: 'ok', answer: 'Done.', turns: 2, unknownLines: 5 });
  });

  test.each([
    [41, '', 'auth_failed'],
    [53, '', 'max_turns'],
    [55, '\u001b[31mnot running in a trusted directory\u001b[0m\n', 'agent_error'],
    [130, '', 'agent_error'],
    [147, '', 'auth_failed'],
    [173, '', 'rate_limited'],
    [244, '', 'agent_error'],
    [247, '', 'overloaded'],
  ])('exit code %i says what nothing else does', (code, stderr, outcome) => {
    expect(exited(code, stderr).outcome).toBe(outcome);
    expect(exited(code, stderr, lines(INIT, failedWith('strange'))).outcome).toBe(outcome);
  });

  test('bad input is a lost session only where one was asked for', () => {
    expect(exited(42, 'Error resuming session: nothing here\n').outcome).toBe('resume_unavailable');
    expect(exited(42, '', undefined, SESSION).outcome).toBe('resume_unavailable');
    expect(exited(42, 'No input provided via stdin.\n', undefined, SESSION).outcome).toBe(
      'agent_error',
    );
    expect(exited(42, 'Error starting session: it already exists\n').outcome).toBe('agent_error');
  });

  const quota = (delay: string) =>
    `[API Error: You exceeded your current quota, please check your plan and billing details. Please retry in ${delay}.]\nPlease wait`;
  const api = (error: object) => `[API Error: ${JSON.stringify({ error })}]`;
  test.each([
    ['a limit of a minute', quota('2s'), 'rate_limited', 'until'],
    [
      'a limit of a minute',
      'Quota exceeded for metric: x\nSuggested retry after 60s.',
      'rate_limited',
      'until',
    ],
    [
      'a quota with advice',
      'You exceeded your current quota, please check your plan and billing details.',
      'quota_exhausted',
      'windowed',
    ],
    ['a limit of hours', quota('7200s'), 'quota_exhausted', 'until'],
    [
      'a quota without a reset',
      '[API Error: You have exhausted your daily quota on this model.]',
      'quota_exhausted',
      'windowed',
    ],
    [
      'a quota of nothing',
      '[API Error: Quota exceeded for metric: x, limit: 0\nPlease retry in 2s.]',
      'quota_exhausted',
      'needs_person',
    ],
    [
      'no money',
      api({ code: 403, message: 'Off.', details: [{ reason: 'BILLING_DISABLED' }] }),
      'quota_exhausted',
      'needs_person',
    ],
    ['a code alone', api({ code: 429, message: 'Slow down.' }), 'rate_limited', 'transient'],
    [
      'an error within another',
      api({
        code: 500,
        message: JSON.stringify({ error: { code: 503, message: 'No.', status: 'UNAVAILABLE' } }),
      }),
      'overloaded',
      'transient',
    ],
  ])('%s', (_, message, outcome, kind) => {
    const seen = seenOf(failedWith(message));
    expect(seen).toMatchObject({ outcome, limit: { class: kind } });
  });
});

describe('stderr', () => {
  const SPREAD =
    'Attempt 3 failed: You exceeded your current quota, please check your plan and billing details.\n' +
    '* Quota exceeded for metric: x, limit: 50\nPlease retry in 2s.. Retrying after 6000ms...\n';
  const PLAIN =
    'Attempt 4 failed with status 503. Retrying with backoff... _ApiError: {"error":{"code":503,"message":"Busy."}}\n    at x\n';

  test('tells of tries and of what they wait for', () => {
    expect(eventsOf(Buffer.alloc(0), SPREAD + PLAIN)).toMatchObject([
      { kind: 'retrying', attempt: 3, delay: 6000 },
      { kind: 'limit', result: 'rate_limited' },
      { kind: 'retrying', attempt: 4, delay: null, message: 'Busy.' },
      { kind: 'limit', result: 'overloaded', limit: { class: 'transient' } },
    ]);
  });

  test('the last try is no announcement of another, and a fault of the network is no limit', () => {
    const last = 'Attempt 10 failed: The model is overloaded.. Max attempts reached\n';
    const network = 'Attempt 1 failed. Retrying with backoff... Error: fetch failed\n';
    expect(eventsOf(Buffer.alloc(0), last + network)).toMatchObject([
      { kind: 'limit', result: 'overloaded' },
      { kind: 'retrying', attempt: 1, message: 'Error: fetch failed' },
    ]);
  });

  test('an answer overcomes the limit that was waited for', () => {
    const waited = run(lines(INIT, says('Done.'), SUCCESS), { stderr: Buffer.from(SPREAD) });
    expect(comesTo(gemini, waited)).toMatchObject({ outcome: 'ok', limit: null });
    const ended = run(lines(INIT), { stderr: Buffer.from(SPREAD), exit: { signal: 'SIGKILL' } });
    expect(comesTo(gemini, ended).outcome).toBe('rate_limited');
  });
});

test('turns are counted while it runs, and once', () => {
  const calls = [uses('a'), uses('b'), answers('a'), answers('b'), says('x'), says('y')];
  expect(seenOf(...calls)).toMatchObject({ turns: 2 });
  expect(seenOf(...calls, SUCCESS)).toMatchObject({ turns: 2, answer: 'xy' });
});

describe('the other formats', () => {
  const printed = (object: object): Buffer => Buffer.from(`${JSON.stringify(object, null, 2)}\n`);
  const seen = (stdout: Buffer) => comesTo(gemini, run(stdout));

  test('one object over many lines', () => {
    const whole = { session_id: SESSION, response: 'Done.', stats: { models: {} } };
    expect(seen(printed(whole))).toMatchObject({
      outcome: 'ok',
      answer: 'Done.',
      sessionId: SESSION,
    });
    expect(seen(printed(whole).subarray(0, 40)).outcome).toBe('no_final_answer');
    expect(seen(printed({ ...whole, response: '' })).outcome).toBe('no_final_answer');
    expect(seen(printed({ ...whole, error: { message: 'No.' } })).outcome).toBe('agent_error');
    const looped = { ...whole, warnings: ['Loop detected, stopping execution'] };
    expect(seen(printed(looped)).outcome).toBe('agent_error');
  });

  test('an answer in prose, or one that is an object of its own', () => {
    expect(seen(Buffer.from('Done.\n'))).toMatchObject({ outcome: 'ok', answer: 'Done.' });
    const json = printed({ mine: 1, response: 'You have exhausted your daily quota' });
    expect(seen(json)).toMatchObject({ outcome: 'ok', answer: json.toString().trim() });
  });
});
