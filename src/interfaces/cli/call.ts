/** One call of `tend`, from its words to its exit code. */
import { TendError } from '../../domain/errors.ts';
import { checkArguments } from './arguments.ts';
import type { Context } from './context.ts';
import { report } from './failure.ts';
import { CommanderError, parseError, program, unknownVerb, wasHelp } from './program.ts';
import { isVerb, type VerbName } from './verbs.ts';

/** `--json` anywhere before `--` counts, so that even a wrong command line is answered in JSON. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

/** The words for commander and the verb they belong to; null for help and version of tend itself. */
export function route(argv: readonly string[]): { words: string[]; verb: VerbName | null } {
  const at = argv.findIndex((word) => !word.startsWith('-') || word === '--');
  const word = at === -1 || argv[at] === '--' ? undefined : argv[at];
  if (word === 'help') {
    const topic = argv.slice(at + 1).filter((part) => !part.startsWith('-'));
    if (topic.length > 0) return route([...topic, '--help']);
    return { words: ['--help'], verb: null };
  }
  if (word !== undefined) {
    if (!isVerb(word)) throw unknownVerb(word);
    return { words: [...argv], verb: word };
  }
  const about = argv.some((option) => ['-h', '--help', '-V', '--version'].includes(option));
  return about ? { words: [...argv], verb: null } : { words: ['board', ...argv], verb: 'board' };
}

/** Never throws; resolves with a documented exit code once everything is written. */
export async function call(context: Context): Promise<number> {
  const { argv, out, err } = context;
  const json = wantsJson(argv);
  let verb: VerbName | null = null;
  const printed: string[] = [];
  try {
    checkArguments(argv);
    const routed = route(argv);
    verb = routed.verb;
    const tree = await program(verb === null ? [] : [verb], context, (text) => printed.push(text));
    await tree.parseAsync(routed.words, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (wasHelp(error)) {
      const text = printed.join('');
      await (json ? out.json({ help: text.trimEnd() }) : out.write(text));
      return 0;
    }
    const debug = context.env['TEND_DEBUG'] === '1';
    return await report(pointed(error, verb), { out, err }, json, debug);
  } finally {
    context.close();
  }
}

/** A usage error that has no other advice points to the help of its verb. */
function pointed(given: unknown, verb: VerbName | null): unknown {
  const error = given instanceof CommanderError ? parseError(given) : given;
  if (!(error instanceof TendError) || error.code !== 'invalid_input') return error;
  const help = `See: tend help${verb === null || verb === 'board' ? '' : ` ${verb}`}`;
  if (error.hint === '') return new TendError(error.code, error.message, help, error);
  if (!error.hint.startsWith('Did you mean')) return error;
  return new TendError(error.code, error.message, `${error.hint}\n${help}`, error);
}
