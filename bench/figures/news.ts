import { once } from 'node:events';
import { join } from 'node:path';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { start } from '../children.ts';
import { type Daemon, makeHome, startDaemon } from '../daemon.ts';
import { atMost, type Bench, type Figure, type Row, row } from '../figure.ts';
import { ROOT } from '../machine.ts';

const TEND = join(ROOT, 'bin', 'tend.cjs');
const SESSION = 'bench-session';
const OWNER = `claude:${SESSION}`;
const TIMES = 10;

/** From the end of a process to the words about it, by each way in which a session is told. */
export const news: Figure = {
  name: 'news',
  title: 'End of a process to what the session that started it is told',
  run: async ({ folder, rounds, say }: Bench): Promise<Row[]> => {
    const home = makeHome(folder, 'news', '');
    const daemon = await startDaemon(home);
    const [waiter, wake, hook, silent]: [number[], number[], number[], number[]] = [[], [], [], []];
    try {
      for (let nth = 0; nth < rounds * TIMES; nth++) {
        say(`news ${nth + 1}/${rounds * TIMES}`);
        waiter.push(await inboxWaiter(daemon));
        wake.push(await called(daemon, 'wake'));
        hook.push(await called(daemon, 'prompt'));
        silent.push(await answered(home, 'prompt'));
      }
    } finally {
      await daemon.endWithTasks();
    }
    return [
      row('inbox waiter has the message', 'ms', waiter, { goal: atMost(100) }),
      row('waiting hook of an idle session has written it', 'ms', wake, { goal: atMost(100) }),
      row('hook called at the end has written it', 'ms', hook, {
        goal: atMost(100),
        note: 'the program is started when the task is over',
      }),
      row('hook with nothing to tell', 'ms', silent, { goal: atMost(100), note: 'its whole life' }),
    ];
  },
};

/** A command that tells the time of its end, as its last act; a hook that waits is there before that. */
const LAST = `exec bash -c 'sleep 1.5; echo $EPOCHREALTIME'`;

async function started({ client }: Daemon): Promise<string> {
  const { id } = await client.submit({
    command: LAST,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    owner: OWNER,
  });
  return id;
}

/** When the process of the task ended, by its own clock. */
async function endOf({ client }: Daemon, id: string): Promise<number> {
  const { tasks } = await client.wait({ ids: [id] });
  return Number(tasks[0]?.output.tail ?? Number.NaN) * 1e3;
}

const now = (): number => performance.timeOrigin + performance.now();

async function inboxWaiter(daemon: Daemon): Promise<number> {
  const id = await started(daemon);
  const { deliveries } = await daemon.client.inbox({ owner: OWNER, wait: '30s' });
  const at = now();
  await daemon.client.ack({ owner: OWNER, ids: deliveries.map((one) => one.id) });
  return at - (await endOf(daemon, id));
}

/** A hook of Claude Code: one that waits, or one that is called as soon as the task is over. */
async function called(daemon: Daemon, event: 'wake' | 'prompt'): Promise<number> {
  const id = await started(daemon);
  if (event === 'prompt') await daemon.client.wait({ ids: [id] });
  const child = runHook(daemon.home, event);
  await once(event === 'wake' ? child.stderr : child.stdout, 'data');
  const at = now();
  await once(child, 'close');
  return at - (await endOf(daemon, id));
}

async function answered(home: string, event: string): Promise<number> {
  const before = now();
  const child = runHook(home, event);
  await once(child, 'close');
  return now() - before;
}

function runHook(home: string, event: string) {
  const child = start(process.execPath, [TEND, 'hook', 'claude', event], {
    env: { ...process.env, TEND_HOME: home, TEND_TASK_ID: '', CLAUDE_CODE_SESSION_ATTENDED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  }) as ChildProcessByStdio<Writable, Readable, Readable>;
  child.stdin.end(JSON.stringify({ session_id: SESSION }));
  return child;
}
