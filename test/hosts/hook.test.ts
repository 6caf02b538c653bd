import * as fs from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostHome } from './ground.ts';

let home: HostHome;
beforeEach(() => void (home = new HostHome()));
afterEach(() => home.close());

const SESSION = '0f7b2f9a-65e9-46b6-a950-328b22775180';
const OWNER = `claude:${SESSION}`;
const given = (more: object = {}) => ({ session_id: SESSION, cwd: '/', ...more });
const NOTHING = { code: 0, stdout: '', stderr: '' };

/** A task of the session that has ended; answers its id. */
async function ended(...words: string[]): Promise<string> {
  const id = (await home.home.out('run', '-q', '--owner', OWNER, '--', ...words)).trim();
  await home.home.tend(['wait', id]);
  return id;
}

const inbox = async (): Promise<string[]> =>
  (await home.home.out('inbox', '-q', '--owner', OWNER)).split('\n').filter((id) => id !== '');

interface Context {
  hookSpecificOutput: { hookEventName: string; additionalContext: string };
}

test('without a daemon it says nothing, ends well and starts none', async () => {
  for (const event of ['start', 'prompt', 'tool', 'stop', 'wake'])
    expect(await home.hook('claude', event, given())).toMatchObject(NOTHING);
  expect(fs.existsSync(join(home.home.env['TEND_HOME'] ?? '', 'tend.sock'))).toBe(false);
});

test('the end of a task is told with the next prompt, once, and only to its session', async () => {
  const id = await ended('echo', 'all is well');
  const other = { session_id: 'another' };
  expect(await home.hook('claude', 'prompt', other)).toMatchObject(NOTHING);
  const { stdout, code } = await home.hook('claude', 'prompt', given({ prompt: 'go on' }));
  expect(code).toBe(0);
  const { hookSpecificOutput: told } = JSON.parse(stdout) as Context;
  expect(told.hookEventName).toBe('UserPromptSubmit');
  expect(told.additionalContext).toContain(id);
  expect(told.additionalContext).toContain('(verdict: delivered)');
  expect(told.additionalContext).toContain('```\nall is well\n```');
  expect(await inbox()).toEqual([]);
  for (const event of ['prompt', 'start', 'stop'])
    expect(await home.hook('claude', event, given())).toMatchObject(NOTHING);
});

test.each([
  ['claude', 'start', given(), /"hookEventName":"SessionStart"/],
  ['codex', 'prompt', given(), /"hookEventName":"UserPromptSubmit"/],
  ['gemini', 'prompt', given(), /"hookEventName":"BeforeAgent"/],
  ['gemini', 'stop', given(), /^\{"decision":"deny","reason":/],
  ['opencode', 'prompt', given(), /^\{"text":/],
  ['cursor', 'stop', { conversation_id: SESSION, loop_count: 0 }, /^\{"followup_message":/],
])('%s is told at %s as it wants to be', async (host, event, input, form) => {
  await home.home.out('run', '--wait', '--owner', `${host}:${SESSION}`, '--', 'true');
  const { stdout, code } = await home.hook(host, event, input);
  expect(code).toBe(0);
  expect(stdout).toMatch(form);
});

test('a turn is put off by news once, and not when it has been put off already', async () => {
  await ended('false');
  expect(await home.hook('claude', 'stop', given({ stop_hook_active: true }))).toMatchObject(
    NOTHING,
  );
  expect(await inbox()).toHaveLength(1);
  const { stdout } = await home.hook('claude', 'stop', given({ stop_hook_active: false }));
  const { decision, reason } = JSON.parse(stdout) as { decision: string; reason: string };
  expect(decision).toBe('block');
  expect(reason).toContain('failed with exit code 1');
  expect(await home.hook('claude', 'stop', given({ stop_hook_active: false }))).toMatchObject(
    NOTHING,
  );
});

test('the owner is put into the input of a tool, and nothing is said about others', async () => {
  const input = { command: 'make' };
  const claude = await home.hook(
    'claude',
    'tool',
    given({ tool_name: 'mcp__tend__task_run', tool_input: input }),
  );
  expect(JSON.parse(claude.stdout)).toEqual({
    hookSpecificOutput: { hookEventName: 'PreToolUse', updatedInput: { ...input, owner: OWNER } },
  });
  const shell = (command: string) =>
    home.hook(
      'gemini',
      'tool',
      given({ tool_name: 'run_shell_command', tool_input: { command, x: 1 } }),
    );
  expect(JSON.parse((await shell('cd x && tend run -- make')).stdout)).toEqual({
    hookSpecificOutput: {
      hookEventName: 'BeforeTool',
      tool_input: {
        command: `export TEND_OWNER=gemini:${SESSION}; cd x && tend run -- make`,
        x: 1,
      },
    },
  });
  expect(await shell('pretend run')).toMatchObject(NOTHING);
});

test('what works for a task, what is no session and what is no JSON is told nothing', async () => {
  await ended('true');
  expect(await home.hook('claude', 'prompt', given(), { TEND_TASK_ID: 't-1' })).toMatchObject(
    NOTHING,
  );
  expect(await home.hook('claude', 'prompt', { session_id: "x'; rm -rf /" })).toMatchObject(
    NOTHING,
  );
  const { child, result } = home.home.start(['hook', 'claude', 'prompt']);
  child.stdin?.end('no json');
  expect(await result).toMatchObject(NOTHING);
  expect(await inbox()).toHaveLength(1);
});

/** Stands between hook and daemon; `onAck` is called when an acknowledgement comes, which then goes nowhere. */
async function between(onAck: () => void): Promise<() => void> {
  const state = home.home.env['TEND_HOME'] ?? '';
  const [real, own] = [join(state, 'tend.sock'), join(state, 'between.sock')];
  const server = net.createServer((near) => {
    const far = net.connect(real);
    far.on('data', (data) => near.write(data));
    near.on('data', (data) => {
      if (!data.toString('latin1').includes('/v1/inbox/ack')) return void far.write(data);
      onAck();
      near.destroy();
    });
    for (const [one, two] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => two.destroy()).on('close', () => two.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(own, resolve));
  fs.chmodSync(own, 0o600);
  fs.writeFileSync(join(state, 'daemon.socket'), own);
  return () => {
    server.close();
    fs.writeFileSync(join(state, 'daemon.socket'), real);
  };
}

/** The ids that a hook told. */
const idsIn = (text: string): string[] =>
  [...text.matchAll(/\[(d-[^\]]+)\]/g)].map(([, id]) => id ?? '');

test.each(['hook', 'daemon'])(
  'with the %s killed between its words and their receipt, the same ids come again',
  async (who) => {
    await ended('true');
    const daemon = JSON.parse(await home.home.out('daemon', 'status', '--json')) as { pid: number };
    const { child, said, result } = home.home.start(['hook', 'claude', 'prompt']);
    const restore = await between(() =>
      process.kill(who === 'hook' ? (child.pid ?? 0) : daemon.pid, 'SIGKILL'),
    );
    child.stdin?.end(JSON.stringify(given()));
    await result;
    restore();
    const first = idsIn(said.stdout);
    expect(first).toHaveLength(1);
    expect(await inbox()).toEqual(first);
    expect(idsIn((await home.hook('claude', 'prompt', given())).stdout)).toEqual(first);
    expect(await inbox()).toEqual([]);
  },
);

test('a host that says itself what its agent was told has it acknowledged then', async () => {
  await home.home.out('run', '--wait', '--owner', `opencode:${SESSION}`, '--', 'true');
  const ask = () => home.hook('opencode', 'prompt', given());
  const { ids, text } = JSON.parse((await ask()).stdout) as { ids: string[]; text: string };
  expect(idsIn(text)).toEqual(ids);
  expect(JSON.parse((await ask()).stdout)).toMatchObject({ ids });
  expect(await home.hook('opencode', 'told', given({ ids }))).toMatchObject(NOTHING);
  expect(await ask()).toMatchObject(NOTHING);
});

test('the plugin of opencode is a module that loads', async () => {
  await home.integrate('opencode', '--yes');
  const { TendPlugin } = (await import(home.at('.config/opencode/plugins/tend.js'))) as {
    TendPlugin: (given: object) => Promise<Record<string, unknown>>;
  };
  const hooks = await TendPlugin({ client: {} });
  expect(Object.keys(hooks)).toEqual(['chat.message', 'tool.execute.before', 'shell.env', 'event']);
});
