import { connect as connectTo, type ConnectOptions } from './client.ts';
import { resolvePaths } from './paths.ts';
import type { Client } from './shapes.ts';
import type { Endpoint } from './transport.ts';

/** A typed client of a running daemon; without an endpoint, of the one of this user. */
export const connect = (
  endpoint: Endpoint = { socket: resolvePaths(process.env).socket },
  options: ConnectOptions = {},
): Client => connectTo(endpoint, options);

export { connectOrStart, connectWhenThere, type StartOptions } from './start.ts';
export { type Paths, resolvePaths } from './paths.ts';
export { TendError } from '../../domain/errors.ts';
export type { ConnectOptions, Endpoint };
export type * from './shapes.ts';
