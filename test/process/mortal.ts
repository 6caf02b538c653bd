/** A daemon that launches a task and dies as daemons die. Arguments: state folder, task as JSON. */
import { ProcessSupervisor } from '../../src/adapters/process/supervisor.ts';
import type { TaskIn } from '../../src/domain/task.ts';

const [, , state = '', task = ''] = process.argv;
const supervisor = new ProcessSupervisor({ state });
const claimed = JSON.parse(task) as TaskIn<'claimed'>;
supervisor.onHint(() => process.kill(process.pid, 'SIGKILL'));
await supervisor.launch(claimed);
setInterval(() => undefined, 1_000);
