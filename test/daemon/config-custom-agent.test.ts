import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checked } from '../../src/daemon/config.ts';
import { agentsOf, agentsSchema } from '../../src/daemon/config-agents.ts';

const schema = z.strictObject({ agents: agentsSchema([]).prefault({}) });
const read = (text: string) => agentsOf(checked('FILE', text, schema).agents);

/** A sound definition with these lines added. */
const mine = (...lines: readonly string[]): string =>
  ['[agents.mine]', 'command = ["my-agent", "run"]', ...lines].join('\n');
const FULL = 'permissions.full = []';

describe('a definition that contradicts itself is refused', () => {
  const answer = 'answer = { when = { type = "result" }, text = "text" }';
  test.each([
    ['[agents.mine]\ncommand = []', 'command must name at least the program'],
    [
      '[agents.mine]\ncommand = ["./my-agent"]',
      'command must begin with a name for the PATH or an absolute path',
    ],
    ['[agents.mine]\ncommand = [""]', 'command must begin with a name for the PATH'],
    [mine(), 'permissions must have the arguments for at least one of "read-only"'],
    [mine('prompt_mode = "flag"', FULL), 'prompt_mode needs a prompt_flag'],
    [mine('prompt_flag = "-p"', FULL), 'prompt_flag is for prompt_mode "flag" or "file"'],
    [mine('output = "jsonl"', FULL), 'answer is needed when output is "jsonl"'],
    [mine(answer, FULL), 'answer is for output "jsonl" alone'],
    [
      mine('output = "jsonl"', 'answer = { when = {}, text = "x" }', FULL),
      'answer.when must name at least one field',
    ],
    [
      mine('output = "jsonl"', 'answer = { when = { a = [] }, text = "x" }', FULL),
      'answer.when.a must be a text, a number',
    ],
    [
      mine('resume_flag = "-r"', FULL),
      'resume_flag needs a session: set session_flag, or answer.session',
    ],
    [mine('output = "jsonl"', 'resume_flag = "-r"', answer, FULL), 'resume_flag needs a session'],
    [
      '[agents.mine]\ncommand = ["x", "{model}"]\npermissions.full = []',
      'command has {model} in it; the model needs a model_flag',
    ],
    [
      '[agents.mine]\ncommand = ["x", "{session}"]\npermissions.full = []',
      'command has {session} in it; use session_flag',
    ],
    [
      '[agents.mine]\ncommand = ["x", "{prompt}"]\nprompt_mode = "stdin"\npermissions.full = []',
      'command has {prompt} in it, and the prompt has another place',
    ],
    [mine(FULL, 'refusals = [{ match = "/(/" }]'), 'refusals.0.match is no regular expression'],
    [mine(FULL, 'refusals = [{ match = "/.*/" }]'), 'refusals.0.match matches everything'],
    [mine(FULL, 'refusals = [{ match = "" }]'), 'refusals.0.match must be a text'],
    [
      mine(FULL, 'refusals = [{ match = "x", failure = "auth_failed", class = "until" }]'),
      'refusals.0.class is for limits alone',
    ],
    [mine('output = "acp"', FULL), 'permissions is told by the protocol when output is "acp"'],
    [
      mine('output = "acp"', 'model_flag = "-m"'),
      'model_flag is told by the protocol when output is "acp"',
    ],
    [
      '[agents.mine]\ncommand = ["x", "{prompt}"]\noutput = "acp"',
      'command takes no values when output is "acp"',
    ],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(`agents.mine.${message}`);
  });
});

test('a pattern that looks like a path is a text', () => {
  const [definition] = read(mine(FULL, 'refusals = [{ match = "see /var/log" }]')).custom;
  expect(definition?.refusals).toMatchObject([{ match: 'see /var/log' }]);
});
