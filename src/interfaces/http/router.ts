import { nearest } from '../../domain/nearest.ts';
import type { Operation, StreamOperation } from '../../operations/operation.ts';
import { pathNames, verbs } from './openapi.ts';

/** Paths that are no verbs, all GET. */
const PLAIN = ['/healthz', '/readyz', '/metrics', '/openapi.json'] as const;
export type Plain = (typeof PLAIN)[number];

export type Route =
  | { kind: 'verb'; verb: Operation | StreamOperation; path: Record<string, string> }
  | { kind: 'plain'; at: Plain }
  | { kind: 'other method'; allowed: string[] }
  | { kind: 'nothing'; near: string | null };

const ROUTES = verbs.map((verb) => ({
  verb,
  names: pathNames(verb.http.path),
  pattern: new RegExp(`^${verb.http.path.replace(/\{\w+\}/g, '([^/]+)')}$`),
}));

const isPlain = (path: string): path is Plain => (PLAIN as readonly string[]).includes(path);

/** What is at `path`; HEAD is answered as GET is. */
export function route(method: string, path: string): Route {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const here = ROUTES.filter(({ pattern }) => pattern.test(path));
  const found = here.find(({ verb }) => verb.http.method === wanted);
  if (found !== undefined) {
    const values = found.pattern.exec(path)?.slice(1).map(decoded) ?? [];
    const pairs = found.names.map((name, index): [string, string] => [name, values[index] ?? '']);
    return { kind: 'verb', verb: found.verb, path: Object.fromEntries(pairs) };
  }
  if (isPlain(path) && wanted === 'GET') return { kind: 'plain', at: path };
  const allowed = here.map(({ verb }) => verb.http.method);
  if (allowed.length > 0) return { kind: 'other method', allowed };
  if (isPlain(path)) return { kind: 'other method', allowed: ['GET'] };
  const places = [...PLAIN, ...new Set(verbs.map(({ http }) => http.path))];
  return { kind: 'nothing', near: nearest(path, places) };
}

/** `/output?follow=true` is another name for `/output/follow`: the same question, asked as a stream. */
export function canonical<T extends { path: string; query: URLSearchParams }>(asked: T): T {
  const given = asked.query.get('follow');
  if (given === null || !asked.path.endsWith('/output')) return asked;
  const query = new URLSearchParams(asked.query);
  query.delete('follow');
  const follows = ['', '1', 'true'].includes(given);
  return { ...asked, query, path: follows ? `${asked.path}/follow` : asked.path };
}

/** What cannot be decoded stays as it is: no id looks like that. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
