import type { TaskSpec } from '../../domain/task.ts';
import type { WorkspaceFacts } from '../../domain/workspace.ts';
import { quote } from './quote.ts';

/** Run once in a new work tree, before the command. */
export interface Setup {
  line: string;
  /** Root of the work tree. */
  root: string;
}

/** The file in the attempt's folder that takes what the setup line writes. */
export const SETUP = 'setup';

/** Null = there is nothing to set up: no work tree of its own, or no line for it. */
export function setupOf(
  { workspace: asked }: Pick<TaskSpec, 'workspace'>,
  workspace: Pick<WorkspaceFacts, 'path'> | undefined,
): Setup | null {
  const line = asked?.setup ?? null;
  if (line === null || workspace === undefined || asked?.kind === 'in_place') return null;
  return { line, root: workspace.path };
}

/**
 * Shell text, run in the attempt's folder. That it was done is marked in git's own folder of the work tree, so that the
 * mark goes when the work tree goes.
 */
export const setupText = ({ line, root }: Setup, folder: string): string[] => [
  `IFS= read -r tend_tree <${quote(`${root}/.git`)} || tend_tree=`,
  'case $tend_tree in',
  "'gitdir: /'*) tend_tree=${tend_tree#gitdir: }/tend-set-up ;;",
  '*) tend_tree= ;;',
  'esac',
  'if [ -z "$tend_tree" ] || [ ! -e "$tend_tree" ]; then',
  `( cd -- ${quote(root)} && exec /bin/sh -c ${quote(line)} ) </dev/null >>${SETUP} 2>&1`,
  'tend_code=$?',
  // From here on the clocks of silence start anew.
  `echo "# ended with $tend_code" >>${SETUP}`,
  'if [ "$tend_code" != 0 ]; then',
  'umask 077',
  'set +C',
  `printf '%s%s%s\\n' 'The setup command ended with ' "$tend_code" ${quote(`; its output is in ${folder}/${SETUP}.`)} >refused`,
  'exit 126',
  'fi',
  'if [ -n "$tend_tree" ]; then : >"$tend_tree"; fi',
  'fi',
];
