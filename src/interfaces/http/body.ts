import { type Problem, problem } from './problem.ts';

/** The longest request body (bytes): a command line and an environment of a megabyte each fit many times. */
export const MAX_BODY = 16 * 1024 * 1024;

export type Body = { fields: Record<string, unknown> } | { problem: Problem };

const refused = (detail: string, hint: string): Body => ({
  problem: problem('invalid_input', detail, hint),
});

/** The JSON object in the body; an empty body is an empty object. Never holds more than MAX_BODY. */
export async function readBody(request: Request): Promise<Body> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  let bytes: Uint8Array | null;
  try {
    bytes = declared > MAX_BODY ? null : await collect(request.body);
  } catch {
    return { problem: problem('interrupted', 'the body broke off', 'Send the request again.') };
  }
  if (bytes === null)
    return {
      problem: problem(
        'too_large',
        `the body is longer than ${MAX_BODY} bytes`,
        'Put long input into a file and let the command read it.',
      ),
    };
  if (bytes.byteLength === 0) return { fields: {} };
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return { problem: wrongType(type) };
  return parse(bytes);
}

async function collect(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function wrongType(given: string): Problem {
  const detail = `the body has the content type ${given === '' ? '(none)' : given}, not application/json`;
  const refusal = problem(
    'invalid_input',
    detail,
    'Send the header content-type: application/json.',
  );
  return { ...refusal, status: 415, title: 'Unsupported Media Type' };
}

function parse(bytes: Uint8Array): Body {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refused('the body is not valid UTF-8', 'Send JSON encoded as UTF-8.');
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refused(
      `the body is not valid JSON: ${(error as Error).message}`,
      'Send a JSON object.',
    );
  }
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? { fields: json as Record<string, unknown> }
    : refused('the body is JSON but no object', 'Send a JSON object.');
}
