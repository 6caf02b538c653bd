import { describe, expect, test } from 'vitest';
import type { CustomAgentDefinition } from '../../src/adapters/agents/custom/definition.ts';
import type { LaunchRequest } from '../../src/ports/agent.ts';
import { define, REQUEST } from './custom-agent.ts';

const launch = (
  change: Partial<CustomAgentDefinition> = {},
  request: Partial<LaunchRequest> = {},
) => define(change).launch({ ...REQUEST, ...request });
const argv = (
  change: Partial<CustomAgentDefinition> = {},
  request: Partial<LaunchRequest> = {},
): string => launch(change, request).argv.join(' ');

describe('the command line', () => {
  test('is the program that was found, the command, and the prompt', () => {
    expect(launch({ env: { A: 'b' } })).toMatchObject({
      argv: ['/opt/my-agent', 'run', 'do it'],
      env: { A: 'b' },
      files: {},
      stdin: null,
    });
  });

  test('has every flag with its value, in one word where the flag ends in =', () => {
    const flags = {
      modelFlag: '--model=',
      dirFlag: '-C',
      sessionFlag: '--session-id',
      resumeFlag: '--resume=',
      permissions: { 'read-only': ['--plan'], full: ['--yolo', '--trust'] },
    };
    const asked = { model: 'big', permissions: 'full', sessionId: 's-1' } as const;
    expect(argv(flags, asked)).toBe(
      '/opt/my-agent run --yolo --trust --model=big -C /work/project --session-id s-1 do it',
    );
    expect(argv(flags, { ...asked, permissions: 'read-only', resume: true })).toBe(
      '/opt/my-agent run --plan --model=big -C /work/project --resume=s-1 do it',
    );
  });

  test('has values where the command has a place for them', () => {
    const command = [
      'x',
      '--do={prompt}',
      '{dir}/a',
      '{turns}',
      '{cost_usd}',
      '{minutes}m',
      '{other}',
    ];
    expect(argv({ command })).toBe('/opt/my-agent --do=do it /work/project/a 40 2 30m {other}');
    // A value is no template.
    expect(argv({ command }, { prompt: '{dir} $& $1' })).toContain('--do={dir} $& $1 /work');
    const { capabilities } = define({ command });
    expect(capabilities).toMatchObject({ maxTurns: true, maxBudget: true });
    expect(define().capabilities).toMatchObject({ maxTurns: false, maxBudget: false });
  });

  test('takes no prompt for a flag', () => {
    expect(launch({}, { prompt: '--help' }).argv.at(-1)).toBe(' --help');
  });

  test('has the prompt after its flag, in a file, or not at all', () => {
    expect(argv({ promptMode: 'flag', promptFlag: '-p' })).toBe('/opt/my-agent run -p do it');
    expect(launch({ promptMode: 'stdin' })).toMatchObject({
      argv: ['/opt/my-agent', 'run'],
      stdin: 'do it',
    });
    const inFile = { files: { 'prompt.txt': 'do it' }, stdin: null };
    expect(launch({ promptMode: 'file', promptFlag: '--file=' })).toMatchObject({
      argv: ['/opt/my-agent', 'run', '--file=/state/attempt/prompt.txt'],
      ...inFile,
    });
    expect(launch({ promptMode: 'file' })).toMatchObject({
      argv: ['/opt/my-agent', 'run', '/state/attempt/prompt.txt'],
      ...inFile,
    });
    expect(argv({ promptMode: 'file', command: ['x', '@{prompt}'] })).toBe(
      '/opt/my-agent @/state/attempt/prompt.txt',
    );
  });

  const long = 'x'.repeat(200_000);
  test('is refused a prompt that it cannot hold, which a file or stdin can', () => {
    expect(launch({ promptMode: 'stdin' }, { prompt: long }).stdin).toBe(long);
    expect(launch({ promptMode: 'file' }, { prompt: long }).files['prompt.txt']).toBe(long);
  });

  test.each<[string, Partial<CustomAgentDefinition>, Partial<LaunchRequest>, string]>([
    [
      'a long prompt',
      {},
      { prompt: long },
      'the prompt is too long, or no text, for the command line of mine',
    ],
    ['a prompt with NUL', {}, { prompt: 'a\0b' }, 'the prompt is too long, or no text'],
    [
      'a permission',
      {},
      { permissions: 'read-only' },
      'mine cannot be kept to the permissions "read-only"',
    ],
    ['a model', {}, { model: 'big' }, 'mine cannot be told which model to use'],
    [
      'a model that is a flag',
      { modelFlag: '-m' },
      { model: '-rf' },
      "the model '-rf' cannot be given",
    ],
    ['isolation', {}, { isolated: true }, 'mine cannot be isolated'],
    [
      'a session to go on with',
      {},
      { resume: true, sessionId: 's' },
      'mine cannot go on with an earlier session',
    ],
    [
      'a session of unknown id',
      { resumeFlag: '-r' },
      { resume: true },
      'mine cannot go on with a session of unknown id',
    ],
  ])('refuses %s with the reason', (_, change, request, message) => {
    expect(() => launch(change, request)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringContaining(message) as string,
      }),
    );
  });

  test('goes on with sessions only where their ids can be known', () => {
    const answer = { when: { type: 'result' }, text: 'result', error: null, session: 'id' };
    const can = (change: Partial<CustomAgentDefinition>): unknown => {
      const { resume, ownSessionId } = define(change).capabilities;
      return [resume, ownSessionId];
    };
    expect(can({})).toEqual([false, false]);
    expect(can({ resumeFlag: '-r' })).toEqual([false, false]);
    expect(can({ resumeFlag: '-r', sessionFlag: '-s' })).toEqual([true, true]);
    expect(can({ resumeFlag: '-r', output: 'claude-stream' })).toEqual([true, false]);
    expect(can({ resumeFlag: '-r', output: 'jsonl', answer })).toEqual([true, false]);
  });
});
