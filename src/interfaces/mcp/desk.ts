import {
  CLIENT_CAPABILITIES_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { asTendError } from './call.ts';
import type { Calls } from './calls.ts';
import type { Carrier } from './carrier.ts';
import type { Repeats } from './repeats.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Origin, Tool } from './tool.ts';

/** Everything that the servers of one client share. */
export interface Desk {
  name: string;
  version: string;
  instructions: string;
  tools: readonly Tool[];
  calls: Calls;
  origin: Origin;
  /** `TEND_OWNER`, or what a header says. */
  givenOwner: string | undefined;
  defaultOwner: (signal: AbortSignal) => Promise<string>;
  /** Null = nothing rides on answers. */
  carrier: Carrier | null;
  /** Null = what was asked before is not remembered. */
  repeats: Repeats | null;
  /** Null = no resources; `subscriptions` null = none can be told of changes. */
  resources: { subscriptions: Subscriptions | null } | null;
  /** MCP's own tasks. */
  tasks: boolean;
}

export type Era = 'legacy' | 'modern';

/** A request of a client, with what is known of the client. */
export interface Asking {
  desk: Desk;
  server: Server;
  era: Era;
  ctx: ServerContext;
}

/** What the client can do, as it says with this request or said at first. */
export function clientCan({ server, ctx }: Asking): Record<string, unknown> {
  const said = envelopeOf(ctx)[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities();
  return (said ?? {}) as Record<string, unknown>;
}

/** What the client says of itself with each request, from 2026-07-28 on. */
export const envelopeOf = (ctx: ServerContext): Readonly<Record<string, unknown>> =>
  (ctx.mcpReq.envelope ?? {}) as Record<string, unknown>;

/** Where the protocol has no result that could say what went wrong. */
export async function inProtocol<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (given) {
    if (given instanceof ProtocolError) throw given;
    const { code, message, hint } = asTendError(given);
    const wrong = ['not_found', 'invalid_input', 'ambiguous_id', 'already_ended'].includes(code);
    throw new ProtocolError(
      wrong ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
      hint === '' ? message : `${message}. ${hint}`,
      { code, hint },
    );
  }
}
