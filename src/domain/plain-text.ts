/** What terminals are told: colours, moves, titles, links. */
const ESCAPE = '\u001b';
const COMMANDS = new RegExp(
  [
    String.raw`\[[\d;:?<=>!]{0,64}[ -/]?[@-~]`,
    `\\][^\u0007${ESCAPE}]{0,4096}(?:\u0007|${ESCAPE}\\\\)`,
    String.raw`[()*+#%][\dA-Z]`,
    String.raw`[@-Z\\^_=>78c]`,
  ]
    .map((command) => ESCAPE + command)
    .join('|'),
  'g',
);

/** Output as it would be read: without what tells a terminal how to show it, and of a line that was written over, the last. */
export const plainText = (output: string): string =>
  output
    .replace(COMMANDS, '')
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n');
