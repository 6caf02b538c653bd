import { request as send } from 'node:http';
import { text as allOf } from 'node:stream/consumers';
import type { WorkerTools } from '../../../ports/agent.ts';
import { objectIn, text } from '../json.ts';
import type { PermissionRequest } from './policy.ts';

/** What is said of a request that the permissions alone would refuse. */
export interface Permit {
  ruling: 'allow' | 'deny' | 'asked';
  reason: string;
}

/** How long an answer may take (ms): no person is waited for. */
const PATIENCE = 60_000;
const LONGEST_INPUT = 100_000;

/** Asks the daemon whether the worker may do it: each thing that it touches, of which the strictest answer counts. */
export async function permitFor(asked: PermissionRequest, tools: WorkerTools): Promise<Permit> {
  let last: Permit = { ruling: 'deny', reason: 'it is not told what it touches' };
  for (const { subject, input } of actsOf(asked)) {
    last = await ask(tools, { tool: asked.kind, subject, input });
    if (last.ruling !== 'allow') return last;
  }
  return last;
}

function actsOf({ kind, paths, command, address, title, input }: PermissionRequest) {
  const subjects =
    kind === 'execute'
      ? [command ?? title]
      : kind === 'fetch' && address !== null
        ? [address]
        : paths;
  return subjects.length > 0 && subjects.every((subject) => subject !== '')
    ? subjects.map((subject) => ({ subject, input: '' }))
    : [{ subject: '', input: JSON.stringify({ title, ...input }) }];
}

async function ask(
  { env }: WorkerTools,
  act: { tool: string; subject: string; input: string },
): Promise<Permit> {
  if (act.input.length > LONGEST_INPUT)
    return { ruling: 'deny', reason: 'it is longer than what is ruled on' };
  try {
    const { status, body } = await post(env['TEND_SOCKET'] ?? '', {
      token: env['TEND_WORKER_TOKEN'],
      ...act,
    });
    const answer = objectIn(body) ?? {};
    const ruling = text(answer, 'ruling');
    const reason = text(answer, 'reason') ?? text(answer, 'detail') ?? `status ${status}`;
    return ruling === 'allow' || ruling === 'asked'
      ? { ruling, reason }
      : { ruling: 'deny', reason };
  } catch (error) {
    return { ruling: 'deny', reason: `tend could not be asked: ${(error as Error).message}` };
  }
}

function post(socketPath: string, content: object): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = send({
    socketPath,
    path: '/v1/worker/permit',
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'tend' },
    signal: AbortSignal.timeout(PATIENCE),
  });
  request.on('error', reject);
  request.on('response', (response) => {
    allOf(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  request.end(JSON.stringify(content));
  return promise;
}
