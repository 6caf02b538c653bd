import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from './problem.ts';

/** The longest request body (bytes): a command line and an environment of a megabyte each fit many times. */
const MAX_BODY = 16 * 1024 * 1024;

export type Body = { fields: Record<string, unknown> } | { problem: Problem };

const refused = (detail: string, hint: string): Body => ({
  problem: problem('invalid_input', detail, hint),
});

/** The JSON object in the body; an empty body is an empty object. Never holds more than MAX_BODY. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const bytes = await collect(request);
  if ('problem' in bytes) return bytes;
  if (bytes.byteLength === 0) return { fields: {} };
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return { problem: wrongType(type) };
  return parse(bytes);
}

/** What comes beyond the limit is read by nobody and thrown away by Node once the answer is out. */
function collect(request: IncomingMessage): Promise<Buffer | { problem: Problem }> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > MAX_BODY) return Promise.resolve({ problem: tooLarge() });
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= MAX_BODY) return void chunks.push(chunk);
      chunks = [];
      resolve({ problem: tooLarge() });
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    const brokenOff = () =>
      resolve({ problem: problem('interrupted', 'the body broke off', 'Send the request again.') });
    request.once('error', brokenOff);
    request.once('close', brokenOff);
  });
}

const tooLarge = (): Problem =>
  problem(
    'too_large',
    `the body is longer than ${MAX_BODY} bytes`,
    'Put long input into a file and let the command read it.',
  );

function wrongType(given: string): Problem {
  const detail = `the body has the content type ${given === '' ? '(none)' : given}, not application/json`;
  const refusal = problem(
    'invalid_input',
    detail,
    'Send the header content-type: application/json.',
  );
  return { ...refusal, status: 415, title: 'Unsupported Media Type' };
}

function parse(bytes: Buffer): Body {
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
