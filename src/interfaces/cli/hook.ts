/** `tend hook`: what an agent host calls at its events; it brings the news of the session that calls. */
import type { Command } from 'commander';
import { type Host, HOSTS, isHost, sessionOwner } from '../../domain/host.ts';
import type { Context } from './context.ts';
import { usage } from './failure.ts';
import {
  EVENTS,
  type Given,
  type HookEvent,
  isHookEvent,
  isObject,
  type Voice,
} from './hosts/host.ts';
import { acknowledge, type Call, dropWaiter, tellPending, waitForNews } from './hook-inbox.ts';
import type { News } from './hosts/news.ts';
import { common } from './options.ts';

const EXAMPLES = `
Called by the hooks that tend integrate writes; the host's JSON is on stdin.
With nothing to tell it prints nothing and ends with 0, also when no daemon
runs.

Hosts: ${HOSTS.join(', ')}.
Events: ${EVENTS.join(', ')}.`;

export function define(command: Command, context: Context): void {
  common(command, 'the same')
    .description('Tell an agent host what its session has to know.')
    .argument('<host>', 'which host calls')
    .argument('<event>', 'what has happened there')
    .addHelpText('after', EXAMPLES)
    .action((host: string, event: string) => {
      if (!isHost(host))
        throw usage(`${JSON.stringify(host)} is no host`, `Hosts: ${HOSTS.join(', ')}`);
      if (!isHookEvent(event))
        throw usage(`${JSON.stringify(event)} is no event`, `Events: ${EVENTS.join(', ')}`);
      if (process.stdin.isTTY) throw usage("tend hook reads a host's JSON from its standard input");
      return hook(context, host, event);
    });
}

/** Never in the way of the host: whatever goes wrong, it ends with 0 and says nothing. */
async function hook(context: Context, host: Host, event: HookEvent): Promise<void> {
  try {
    // What works for a task has its news told by its own daemon, and its children belong to that task.
    if ((context.env['TEND_TASK_ID'] ?? '') !== '') return;
    const { hostKind } = await import('./hosts/index.ts');
    const { voice } = await hostKind(host);
    const given = await givenOn(process.stdin);
    const owner = sessionOwner(host, voice.session(given));
    if (owner === null) return;
    await answered({ context, owner }, voice, event, given);
  } catch (error) {
    if (context.env['TEND_DEBUG'] === '1') await context.err.line(`tend hook: ${String(error)}`);
  }
}

async function answered(call: Call, voice: Voice, event: HookEvent, given: Given): Promise<void> {
  const { context, owner } = call;
  switch (event) {
    case 'tool': {
      const answer = voice.tool(given, owner);
      return answer === null ? undefined : context.out.json(answer);
    }
    case 'start':
    case 'prompt':
      dropWaiter(call);
      // A host that cannot be told anything here is not told half of it.
      if (voice.context(event, '', owner) === null) return;
      return tellPending(call, false, (news) =>
        say(call, voice, voice.context(event, news.text, owner), news),
      );
    case 'stop':
      if (voice.isStopping(given)) return;
      return tellPending(call, true, (news) => say(call, voice, voice.stop(news.text), news));
    case 'wake': {
      const { wake } = voice;
      if (wake === null || !wake.idle(context.env)) return;
      return waitForNews(call, async (news) => {
        const { json, words, exitCode } = wake.answer(news.text);
        context.exitCode = exitCode;
        if (json !== undefined) return say(call, voice, json, news);
        if (words !== undefined) await context.err.line(words);
        return true;
      });
    }
    case 'told':
      return acknowledge(call, idsIn(given));
  }
}

/** Resolves once it is written; true = the agent is told with that. */
async function say(
  { context }: Call,
  { tells }: Voice,
  json: object | null,
  { ids }: News,
): Promise<boolean> {
  if (json === null) throw new Error('the host takes no such answer');
  await context.out.json(tells === true ? { ...json, ids } : json);
  return tells !== true;
}

const idsIn = ({ ids }: Given): string[] =>
  Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];

/** A host's JSON is no longer than that, bytes. */
const LONGEST = 64 * 1024 * 1024;

/** Resolves as soon as it is whole: not every host closes the stream behind it. */
function givenOn(stream: NodeJS.ReadStream): Promise<Given> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const take = (isEnd: boolean): void => {
      try {
        const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
        stream.destroy();
        if (isObject(value)) resolve(value);
        else reject(new Error('what the host sent is no object'));
      } catch (error) {
        if (isEnd) reject(error);
      }
    };
    stream.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= LONGEST) parts.push(part);
      else reject(new Error('the host sent too much'));
      if (/[}\n]$/.test(part.toString('latin1'))) take(false);
    });
    stream.on('end', () => take(true));
    stream.on('error', reject);
  });
}
