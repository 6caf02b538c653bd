import { describe, expect, test } from 'vitest';
import { opencode } from '../../src/adapters/agents/opencode.ts';
import {
  AT,
  callFailed,
  failed,
  finished,
  kinds,
  logged,
  run,
  said,
  SESSION,
  started,
} from './opencode-lines.ts';
import { PLACE } from './recordings.ts';

const gaveUp = { exit: { code: 1 } } as const;

describe('the log on stderr', () => {
  const CREATED = logged(
    'INFO',
    `message=created id=${SESSION} slug=a version=1.18.33 parentID=undefined title="x y"`,
  );
  const STREAM = logged(
    'INFO',
    `message=stream providerID=stub modelID=big session.id=${SESSION} small=false agent=build`,
  );

  test('tells the session, the version and the model while stdout is silent', () => {
    const title = STREAM.replace('small=false agent=build', 'small=true agent=title').replace(
      'big',
      'small',
    );
    const child = CREATED.replace(SESSION, 'ses_child').replace(
      'parentID=undefined',
      `parentID=${SESSION}`,
    );
    const { report, events } = run([], { stderr: [CREATED, title, STREAM, STREAM, child] });
    expect(report).toMatchObject({ sessionId: SESSION, version: '1.18.33', model: 'stub/big' });
    expect(events).toHaveLength(2);
  });

  test('tells the session that is resumed', () => {
    const loop = logged('INFO', `message=loop session.id=${SESSION} step=0`);
    const { report, outcome } = run([], { stderr: [loop], resumed: 'ses_another' });
    expect(report.sessionId).toBe(SESSION);
    expect(outcome?.kind).toBe('resume_unavailable');
  });

  test('tells of calls that are tried again', () => {
    const message = 'Rate limit reached, please try again in 2s.';
    const { report, events } = run([], {
      stderr: [callFailed(message), callFailed(message)],
      exit: { signal: 'SIGTERM' },
    });
    expect(kinds(events)).toEqual(['retrying', 'limit', 'retrying', 'limit']);
    expect(report.limit).toEqual({
      result: 'rate_limited',
      limit: { class: 'transient', until: null, message },
    });
  });

  test.each([
    [
      'a far reset is the account’s',
      'Too many requests, try again in 2 hours',
      'rate_limited',
      'until',
    ],
    [
      'a plan is a window',
      "This request would exceed your account's rate limit. Please try again later.",
      'quota_exhausted',
      'windowed',
    ],
    ['money needs a person', 'Your credit balance is too low', 'quota_exhausted', 'needs_person'],
    ['a busy provider is waited for', 'Overloaded', 'overloaded', 'transient'],
  ])('%s', (_, message, result, hold) => {
    const { report } = run([], { stderr: [callFailed(message)] });
    expect(report.limit).toMatchObject({ result, limit: { class: hold } });
  });

  test('tells of faults that are no limit, and is silent on those that end the run', () => {
    expect(kinds(run([], { stderr: [callFailed('The server had an error')] }).events)).toEqual([
      'retrying',
    ]);
    expect(run([], { stderr: [callFailed('Incorrect API key provided')] }).events).toEqual([]);
  });

  test('the call for a title is nobody’s wait', () => {
    expect(
      run([], { stderr: [callFailed('Rate limit reached', 'small=true agent=title')] }).events,
    ).toEqual([]);
  });

  test('what it told late is overtaken by stdout', () => {
    const reader = opencode.reader();
    const of = (line: string, stream: 'stdout' | 'stderr') =>
      kinds(reader.line(line, stream, PLACE) ?? []);
    expect(of(callFailed('Too many requests', '', AT - 1), 'stderr')).toEqual([
      'retrying',
      'limit',
    ]);
    of(started(), 'stdout');
    of(said('Here I am.'), 'stdout');
    expect(of(callFailed('Too many requests', '', AT - 1), 'stderr')).toEqual([]);
    expect(of(callFailed('Too many requests', '', AT + 1), 'stderr')).toEqual([
      'retrying',
      'limit',
    ]);
  });

  test('knows the cause of what stdout calls an unexpected error, whichever comes first', () => {
    const stderr = logged(
      'ERROR',
      'message=failed ref=err_1 error="ProviderModelNotFoundError: Model not found: a/b."',
    );
    const stdout = failed('UnknownError', { message: 'Unexpected server error.', ref: 'err_1' });
    const expected = { kind: 'model_unavailable', message: 'Model not found: a/b.' };
    expect(run([stdout], { stderr: [stderr], ...gaveUp }).outcome).toEqual(expected);
    const reader = opencode.reader();
    const late = [reader.line(stdout, 'stdout', PLACE), reader.line(stderr, 'stderr', PLACE)];
    expect(
      late
        .flat()
        .filter((event) => event?.kind === 'error')
        .at(-1),
    ).toMatchObject({ failure: 'model_unavailable' });
  });

  test('another agent than the one with the asked permissions is stopped', () => {
    const stderr = [
      '\u001b[93m\u001b[1m!\u001b[0m agent "tend-read-only" not found. Falling back to default agent',
    ];
    const { outcome, events } = run([started(), said('Done.'), finished('stop')], { stderr });
    expect(outcome?.kind).toBe('agent_error');
    expect(events[0]).toMatchObject({ kind: 'final', ok: false });
  });

  test('a log after the last complaint is no part of it', () => {
    const stderr = [
      'Error: It broke',
      logged('INFO', 'message="rate limit" status=429'),
      'at a.ts:1',
    ];
    const { outcome } = run([], { stderr, ...gaveUp });
    expect(outcome).toEqual({ kind: 'agent_error', message: 'Error: It broke\nat a.ts:1' });
  });

  test('a log that was cut within a line is still no complaint', () => {
    const half = `model="429 rate limit" ${'x'.repeat(9)}`;
    const { outcome } = run([], { stderr: [half, CREATED], ...gaveUp });
    expect(outcome).toEqual({ kind: 'agent_error', message: 'exit code 1' });
  });
});
