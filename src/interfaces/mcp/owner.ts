import { ownerInCall } from '../../domain/host.ts';

/** What is known of who calls a tool. */
export interface Caller {
  /** The argument `owner` of the tool: a host's hook may fill it in. */
  argument: string | undefined;
  /** `_meta` of the request, as the client sent it. */
  meta: Readonly<Record<string, unknown>> | undefined;
  /** What the client calls itself. */
  client: { name: string; version: string } | undefined;
  /** `TEND_OWNER` of the server's process, or the header `tend-owner` of a request. */
  given: string | undefined;
}

const LONGEST = 200;

/** A key as the verbs take it; undefined = it is none. */
const owner = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST && !/\p{Cc}/u.test(value)
    ? value
    : undefined;

/** Whose tasks and news a call is about: the nearest word counts; undefined = the user's own. */
export const ownerOf = ({ argument, meta, client, given }: Caller): string | undefined =>
  owner(argument) ??
  owner(meta?.['tend/owner']) ??
  owner(ownerInCall(client?.name, meta)) ??
  owner(given);
