import {
  CLIENT_INFO_META_KEY,
  type Implementation,
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { nearest } from '../../domain/nearest.ts';
import { callTool } from './call.ts';
import { type Asking, type Desk, envelopeOf, type Era, inProtocol } from './desk.ts';
import { TASKS_EXTENSION } from './mcp-tasks.ts';
import { ownerOf } from './owner.ts';
import { listed, read, TEMPLATES } from './resources.ts';
import type { Subscriptions } from './subscriptions.ts';
import { serveTasks, taskFor } from './task-methods.ts';
import { jsonSchema, type Place, type Tool } from './tool.ts';

/** One server of the protocol over `desk`, not yet connected. */
export function makeServer(desk: Desk, era: Era): Server {
  const { name, version, instructions, tools, resources } = desk;
  const told = resources?.subscriptions !== null;
  const server = new Server(
    { name, title: 'Tend', version },
    {
      capabilities: {
        tools: {},
        ...(resources !== null && { resources: { subscribe: told, listChanged: told } }),
        ...(desk.tasks && TASK_CAPABILITIES[era]),
      },
      instructions,
    },
  );
  const list = tools.map((tool) => ({
    ...described(tool),
    ...(desk.tasks && era === 'legacy' && tool.long && { execution: MAY_BE_TASK }),
  }));
  server.setRequestHandler('tools/list', () => ({ tools: list }));
  if (resources !== null) serveResources(server, desk, resources.subscriptions);
  if (desk.tasks) serveTasks(server, desk, era);
  // Not as a handler of its own: that would refuse the handle of a task as a result.
  server.fallbackRequestHandler = (request, ctx) => {
    if (request.method !== 'tools/call')
      throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
    return called({ desk, server, era, ctx }, request);
  };
  return server;
}

const TASK_CAPABILITIES = {
  legacy: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
  modern: { extensions: { [TASKS_EXTENSION]: {} } },
} as const;

const MAY_BE_TASK = { taskSupport: 'optional' } as const;

/** Made once for each tool: over HTTP, every request has a server of its own. */
const descriptions = new WeakMap<Tool, ReturnType<typeof describe>>();

function described(tool: Tool): ReturnType<typeof describe> {
  const known = descriptions.get(tool) ?? describe(tool);
  descriptions.set(tool, known);
  return known;
}

function describe({ name, title, description, hints, input, output }: Tool) {
  const { readOnly, destructive = false, idempotent = false, openWorld = false } = hints;
  return {
    name,
    title,
    description,
    inputSchema: jsonSchema(input, 'input') as { type: 'object' },
    ...(output !== null && { outputSchema: jsonSchema(output, 'output') as { type: 'object' } }),
    annotations: {
      title,
      readOnlyHint: readOnly,
      destructiveHint: !readOnly && destructive,
      idempotentHint: readOnly || idempotent,
      openWorldHint: openWorld,
    },
  };
}

const callParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  task: z.looseObject({}).optional(),
});

async function called(asking: Asking, request: JSONRPCRequest) {
  const { desk } = asking;
  desk.carrier?.arrived();
  const params = callParams.safeParse(request.params);
  if (!params.success)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'tools/call needs a name and arguments',
    );
  const { name, arguments: given = {}, task } = params.data;
  const tool = desk.tools.find((one) => one.name === name);
  if (tool === undefined) throw unknownTool(name, desk.tools);
  const place = await placeFor(asking, given);
  const handle = await taskFor(asking, tool, given, task !== undefined, place);
  if (handle !== null) return handle;
  const { carrier, repeats } = desk;
  return callTool(tool, given, place, { carrier, repeats, request: request.id });
}

function unknownTool(name: string, tools: readonly Tool[]): ProtocolError {
  const known = tools.map((tool) => tool.name);
  const meant = nearest(name, known);
  const hint = meant === null ? `there are: ${known.join(', ')}` : `did you mean ${meant}?`;
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown tool ${JSON.stringify(name.slice(0, 100))}; ${hint}`,
  );
}

async function placeFor(
  { desk, server, ctx }: Asking,
  given: Record<string, unknown>,
): Promise<Place> {
  const { signal, _meta: meta, notify } = ctx.mcpReq;
  const said = envelopeOf(ctx)[CLIENT_INFO_META_KEY] as Implementation | undefined;
  const client = said ?? server.getClientVersion();
  const owner = ownerOf({
    argument: typeof given['owner'] === 'string' ? given['owner'] : undefined,
    meta,
    client,
    given: desk.givenOwner,
  });
  const token = meta?.progressToken;
  let beats = 0;
  return {
    calls: desk.calls,
    origin: desk.origin,
    owner: owner ?? (await desk.defaultOwner(signal)),
    signal,
    progress: (message) => {
      if (token === undefined) return;
      const params = { progressToken: token, progress: ++beats, message };
      void notify({ method: 'notifications/progress', params }).catch(() => undefined);
    },
  };
}

function serveResources(
  server: Server,
  { calls }: Desk,
  subscriptions: Subscriptions | null,
): void {
  server.setRequestHandler('resources/list', async ({ params }, ctx) => {
    subscriptions?.watch();
    return inProtocol(listed(calls, params?.cursor, ctx.mcpReq.signal));
  });
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }, ctx) => {
    const found = await inProtocol(read(calls, uri, ctx.mcpReq.signal));
    if (found === null) throw new ResourceNotFoundError(uri);
    return found;
  });
  if (subscriptions === null) return;
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
    if (!subscriptions.subscribe(uri)) throw new ResourceNotFoundError(uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    subscriptions.unsubscribe(uri);
    return {};
  });
}
