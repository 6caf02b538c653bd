/** The entry point of the command line, started by bin/tend.cjs. */
import { call } from './call.ts';
import { openContext } from './context.ts';

process.exit(await call(openContext()));
