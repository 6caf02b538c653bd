/** The output of a task, followed, as lines for the board. */
import type { Client, Task } from '../client/index.ts';
import { AgentLines } from './agent-lines.ts';
import { waited } from './board-feed.ts';
import type { Message } from './board-update.ts';
import { asTendError } from './failure.ts';
import { bytesOf } from './follow.ts';
import type { Printer } from './print.ts';
import { untabbed } from './styled.ts';
import { SafeText } from './text.ts';

/** Where a long output is looked into, from its end. */
const TAIL = 64 * 1024;
/** So far behind its end, what lies between is left out. */
const BEHIND = 1024 * 1024;
/** Lines within this time are shown together (ms): a flood is not read faster than that. */
const TOGETHER = 100;
const LONGEST_LINE = 4_000;

interface Options {
  client: Client;
  /** As on the board, for colours. */
  printer: Printer;
  tell: (message: Message) => void;
  signal: AbortSignal;
}

/** Tells what the task wrote and writes, until it has ended or `signal` aborts. */
export async function followLog(task: Task, { client, printer, tell, signal }: Options) {
  const collected = collect(task.id, tell);
  try {
    if (task.kind === 'agent') await followAgent(task.id, collected, { client, printer, signal });
    else await followOutput(task.id, collected, { client, printer, signal });
    collected.end();
  } catch (error) {
    if (signal.aborted) return;
    collected.add(`\n${printer.paint('red', asTendError(error).message)}\n`);
    collected.end();
  } finally {
    collected.stop();
  }
}

type Own = Omit<Options, 'tell'>;

async function followAgent(id: string, to: Collected, { client, printer, signal }: Own) {
  const put = (data: string | Uint8Array): Promise<void> => {
    to.add(String(data));
    return Promise.resolve();
  };
  const lines = new AgentLines({ ...printer, write: put, line: (text = '') => put(`${text}\n`) });
  for await (const { data } of client.agentEvents({ id, follow: true }, { signal }))
    await lines.write(data);
}

async function followOutput(id: string, to: Collected, { client, printer, signal }: Own) {
  for (let isOver = false; !isOver && !signal.aborted;) {
    const last = await client.output({ id, tail: TAIL }, { signal });
    const safe = new SafeText(printer.colours);
    const before = last.size - bytesOf(last).byteLength;
    if (before > 0) to.add(`${printer.paint('dim', `… ${before} bytes before this`)}\n`);
    to.add(safe.write(bytesOf(last)));
    isOver = true;
    const place = { id, offset: last.nextOffset };
    for await (const { data } of client.follow(place, { signal })) {
      to.add(safe.write(bytesOf(data)));
      isOver = data.size - data.nextOffset <= BEHIND;
      if (!isOver) break;
      await waited(data.size > data.nextOffset ? TOGETHER : 0, signal);
    }
    to.add(safe.end());
  }
}

interface Collected {
  add: (text: string) => void;
  end: () => void;
  stop: () => void;
}

/** Hands on whole lines, a few times a second. */
function collect(id: string, tell: (message: Message) => void): Collected {
  let lines: string[] = [];
  let open = '';
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    const ready = lines.map((line) => untabbed(line.slice(0, LONGEST_LINE)));
    lines = [];
    tell({ is: 'log', id, lines: ready, open: untabbed(open), ended });
  };
  return {
    add: (text) => {
      const parts = (open + text).split('\n');
      open = (parts.pop() ?? '').slice(-LONGEST_LINE);
      lines.push(...parts);
      if (lines.length > 4_000) lines = lines.slice(-2_000);
      timer ??= setTimeout(flush, TOGETHER);
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
      flush();
    },
    stop: () => clearTimeout(timer),
  };
}
