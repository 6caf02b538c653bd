import { child, type Json, text } from '../json.ts';
import { pathIn, readTextFile, refusalOf, type Rules, writeTextFile } from './files.ts';
import type { Answer, HolderEvent } from './line.ts';
import { permissionRequest, type PermissionRequest, told } from './policy.ts';
import { type Handlers, INVALID_PARAMS, METHOD_NOT_FOUND, RpcError } from './rpc.ts';

/** Who says yes or no to what the agent asks for. */
export type Decide = (request: PermissionRequest) => Promise<Answer>;

const ENDED = new Set(['completed', 'failed']);

/** Our side of the protocol: what the agent may ask of us, and what it tells. */
export class Client implements Handlers {
  readonly #rules: Rules;
  readonly #decide: Decide;
  readonly #print: (event: HolderEvent) => void;
  /** The tool calls that run, as they were told so far. */
  readonly #calls = new Map<string, Json>();
  #history: number | null = null;
  /** The prompt was cancelled: nothing is allowed any more. */
  isCancelled = false;

  constructor(rules: Rules, decide: Decide, print: (event: HolderEvent) => void) {
    this.#rules = rules;
    this.#decide = decide;
    this.#print = print;
  }

  /** From here on updates tell the session's past. */
  beginHistory(): void {
    this.#history = 0;
  }

  /** From here on updates tell what happens. */
  endHistory(): void {
    if (this.#history !== null) this.#print({ type: 'history', updates: this.#history });
    this.#history = null;
  }

  notification(method: string, params: Json): void {
    if (method !== 'session/update') this.#print({ type: 'other', method, params });
    else if (this.#history !== null) this.#history += 1;
    else {
      const update = child(params, 'update');
      this.#remember(update);
      this.#print({ type: 'update', sessionId: text(params, 'sessionId'), update });
    }
  }

  noise(line: string): void {
    this.#print({ type: 'noise', text: line });
  }

  async request(method: string, params: Json): Promise<Json> {
    switch (method) {
      case 'session/request_permission':
        return this.#permission(method, params);
      case 'fs/read_text_file':
        return readTextFile(this.#file('read', method, params), params);
      case 'fs/write_text_file':
        return this.#write(method, params);
      default:
        this.#print({ type: 'other', method, params });
        throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
    }
  }

  #remember(update: Json): void {
    const id = text(update, 'toolCallId');
    if (id === null) return;
    if (ENDED.has(text(update, 'status') ?? '')) this.#calls.delete(id);
    else {
      const { title, kind, locations, content, rawInput } = {
        ...this.#calls.get(id),
        ...told(update),
      };
      this.#calls.set(id, { title, kind, locations, content, rawInput });
    }
  }

  async #permission(method: string, params: Json): Promise<Json> {
    if (this.isCancelled) return { outcome: { outcome: 'cancelled' } };
    const id = text(child(params, 'toolCall'), 'toolCallId');
    const request = permissionRequest(params, id === null ? undefined : this.#calls.get(id));
    const answer = await this.#decide(request);
    const { input: _, ...asked } = request;
    this.#print({ type: 'permission', method, asked, answer });
    const { optionId } = answer;
    return {
      outcome: optionId === null ? { outcome: 'cancelled' } : { outcome: 'selected', optionId },
    };
  }

  #write(method: string, params: Json): Json {
    const content = text(params, 'content');
    if (content === null) throw new RpcError(INVALID_PARAMS, 'the content is missing');
    const path = this.#file('write', method, params);
    this.#print({ type: 'wrote', path, isNew: writeTextFile(path, content) });
    return {};
  }

  /** The file that the agent wants to read or write, if it may. */
  #file(act: 'read' | 'write', method: string, params: Json): string {
    const path = pathIn(params);
    const reason = this.isCancelled
      ? 'the prompt was cancelled'
      : refusalOf(act, path, this.#rules);
    if (reason === null) return path;
    const answer = { allowed: false, optionId: null, reason };
    this.#print({
      type: 'permission',
      method,
      asked: { title: `${act} ${path}`, kind: act, paths: [path] },
      answer,
    });
    throw new RpcError(INVALID_PARAMS, `Tend does not allow to ${act} ${path}: ${reason}`);
  }
}
