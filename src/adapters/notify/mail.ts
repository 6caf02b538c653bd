import type { Notice } from '../../domain/notice.ts';
import { oneLine } from '../../domain/prompt.ts';
import { findProgram, type Running, runProgram } from './program.ts';

/** Mail through a program that takes a whole message on its stdin, and receivers as arguments. */
export interface Email {
  kind: 'email';
  to: readonly string[];
  /** Null = as the program sets it. */
  from: string | null;
  /** Its name or path, and arguments before the receivers. */
  program: string;
  arguments: readonly string[];
}

const LONGEST_SUBJECT = 200;

/** Answers which program took it. */
export async function sendMail(
  email: Email,
  notice: Notice,
  { id, now }: { id: string; now: number },
  running: Running,
): Promise<string> {
  const file = findProgram(email.program, running.environment['PATH']);
  if (file === null) throw new Error(`there is no program ${email.program} to send mail with`);
  const { failure, output } = await runProgram(
    [file, ...email.arguments, '--', ...email.to],
    mailOf(email, notice, { id, now }),
    running,
  );
  if (failure === null) return `${file} took it`;
  throw new Error(`${file} ${failure}${output === '' ? '' : `: ${oneLine(output, 200)}`}`);
}

/** The message with its headers: nothing of a task can begin another one, for none of its characters can end a line. */
export function mailOf(
  { to, from }: Pick<Email, 'to' | 'from'>,
  { title, lines }: Notice,
  { id, now }: { id: string; now: number },
): string {
  const body = Buffer.from(`${[title, '', ...lines].join('\n')}\n`).toString('base64');
  return [
    ...(from === null ? [] : [`From: ${from}`]),
    `To: ${to.join(', ')}`,
    `Subject: ${encoded(oneLine(`[tend] ${title}`, LONGEST_SUBJECT))}`,
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    // The same for every try, so that a program that looks for doubles finds them.
    `Message-ID: <${id.replace(/[^A-Za-z0-9._-]/g, '_')}@tend.invalid>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(body.match(/.{1,76}/g) ?? []),
    '',
  ].join('\n');
}

/** Bytes of an encoded word that are surely within its 75 characters. */
const WORD = 42;

/** Printable ASCII as it is; all else in encoded words, each a line of its own, as headers want it. */
function encoded(text: string): string {
  if (/^[ -~]*$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word]
    .map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`)
    .join('\n ');
}
