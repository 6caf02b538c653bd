/** The methods of MCP's own tasks, in both generations of the protocol. */
import type { Server, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { TendError } from '../../domain/errors.ts';
import { errorResult, asTendError } from './call.ts';
import {
  answerIn,
  detailedTask,
  handled,
  legacyTask,
  modernTask,
  relatedResult,
  TASKS_EXTENSION,
} from './mcp-tasks.ts';
import { runInput, submitted, taskRun } from './run-tool.ts';
import { type Asking, clientCan, type Desk, type Era, inProtocol } from './desk.ts';
import { checked, type Place, type Tool } from './tool.ts';
import { hasEnded } from './words.ts';

/**
 * The handle with which a long call is answered instead of its result; null = it is answered as always. The client
 * asks for it (2025-11-25: `augmented`), or declares that it knows handles and would have to wait (from 2026-07-28 on).
 */
export async function taskFor(
  asking: Asking,
  tool: Tool,
  given: Record<string, unknown>,
  augmented: boolean,
  place: Place,
): Promise<Record<string, unknown> | null> {
  if (!asking.desk.tasks || tool !== taskRun) return null;
  const wanted =
    asking.era === 'legacy'
      ? augmented
      : knowsTasks(asking) && given['wait'] !== 0 && given['wait'] !== undefined;
  if (!wanted) return null;
  try {
    const { owner: _, ...rest } = given;
    const task = await submitted(checked(runInput, rest) as z.output<typeof runInput>, place);
    return asking.era === 'legacy'
      ? { task: legacyTask(task) }
      : { resultType: 'task', ...modernTask(task, mayAsk(asking)) };
  } catch (error) {
    return errorResult(asTendError(error));
  }
}

const knowsTasks = (asking: Asking): boolean => {
  const { extensions } = clientCan(asking) as { extensions?: Record<string, unknown> };
  return extensions?.[TASKS_EXTENSION] !== undefined;
};

const mayAsk = (asking: Asking): boolean => clientCan(asking)['elicitation'] !== undefined;

const byId = { params: z.looseObject({ taskId: z.string().min(1).max(64) }) };
const update = {
  params: z.looseObject({
    taskId: z.string().min(1).max(64),
    inputResponses: z.record(z.string(), z.unknown()),
  }),
};
const page = { params: z.looseObject({ cursor: z.string().optional() }).optional() };

const PAGE = 50;

export function serveTasks(server: Server, desk: Desk, era: Era): void {
  const asking = (ctx: ServerContext): Asking => ({ desk, server, era, ctx });
  const { calls } = desk;
  const signalOf = (ctx: ServerContext): AbortSignal => ctx.mcpReq.signal;

  server.setRequestHandler('tasks/get', byId, ({ taskId }, ctx) =>
    inProtocol(
      handled(calls, taskId, signalOf(ctx)).then((task) =>
        era === 'legacy' ? legacyTask(task) : detailedTask(task, mayAsk(asking(ctx))),
      ),
    ),
  );
  server.setRequestHandler('tasks/cancel', byId, ({ taskId }, ctx) =>
    inProtocol(cancelled(desk, era, taskId, signalOf(ctx))),
  );
  if (era === 'modern') {
    server.setRequestHandler('tasks/update', update, ({ taskId, inputResponses }, ctx) =>
      inProtocol(answered(desk, taskId, inputResponses, signalOf(ctx))),
    );
    return;
  }
  server.setRequestHandler('tasks/result', byId, ({ taskId }, ctx) =>
    inProtocol(resultFor(desk, taskId, signalOf(ctx))),
  );
  server.setRequestHandler('tasks/list', page, (params, ctx) =>
    inProtocol(listed(desk, params?.cursor, signalOf(ctx))),
  );
}

async function listed(desk: Desk, cursor: string | undefined, signal: AbortSignal) {
  const owner = desk.givenOwner ?? (await desk.defaultOwner(signal));
  const { tasks, nextCursor } = await desk.calls.call(
    'list',
    { owner, limit: PAGE, ...(cursor !== undefined && { cursor }) },
    signal,
  );
  return { tasks: tasks.map(legacyTask), ...(nextCursor !== null && { nextCursor }) };
}

/** Waits for the end, as the protocol demands: clients that do not want that ask for the state first. */
async function resultFor({ calls }: Desk, id: string, signal: AbortSignal) {
  const task = await handled(calls, id, signal);
  return relatedResult(hasEnded(task) ? task : await calls.call('waitOne', { id }, signal));
}

async function cancelled({ calls }: Desk, era: Era, id: string, signal: AbortSignal) {
  const task = await handled(calls, id, signal);
  if (era === 'modern') {
    if (!hasEnded(task)) await calls.call('stop', { id }, signal);
    return {};
  }
  if (hasEnded(task))
    throw new TendError(
      'already_ended',
      `${id} has ended already: ${task.state}`,
      'Ask for its result.',
    );
  const stopped = await calls.call('stop', { id }, signal);
  // Its process may take a while to end; the protocol wants to hear that the task is cancelled.
  return { ...legacyTask(stopped), status: 'cancelled' as const };
}

/** Other keys than that of the open question are ignored, as the extension demands. */
async function answered(
  { calls, givenOwner, defaultOwner }: Desk,
  id: string,
  responses: Record<string, unknown>,
  signal: AbortSignal,
) {
  const task = await handled(calls, id, signal);
  const { question } = task;
  const said = question === null ? null : answerIn(responses[question.id]);
  if (question !== null && said !== null) {
    const by = givenOwner ?? (await defaultOwner(signal));
    await calls.call('answer', { id: question.id, text: said, by }, signal);
  }
  return {};
}
