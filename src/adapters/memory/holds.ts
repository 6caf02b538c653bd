import {
  AGENT_CHANGES_KEPT,
  type AgentChange,
  changeByAttempt,
  changeByHand,
  changeByPerson,
} from '../../domain/agent-change.ts';
import { questions } from '../../domain/agent-question.ts';
import type { PushTargets } from '../../domain/delivery.ts';
import { holdsBy } from '../../domain/hold-step.ts';
import type { Step, Task } from '../../domain/task.ts';
import type { Store } from '../../ports/store.ts';
import { addDelivery, copy, type Records } from './records.ts';

type Verb = 'holds' | 'setHold' | 'dropHolds' | 'agentChanges';

export function holdVerbs(records: Records): Pick<Store, Verb> {
  const { holds } = records;
  return {
    holds: async () => copy([...holds.values()].sort((a, b) => (a.account < b.account ? -1 : 1))),
    setHold: async (hold) => {
      holds.set(hold.account, copy(hold));
      addChange(records, changeByHand(hold));
    },
    dropHolds: async (accounts, kind, at) => {
      for (const account of accounts) {
        const hold = holds.get(account);
        holds.delete(account);
        if (hold !== undefined) addChange(records, changeByPerson(hold, kind, at));
      }
    },
    agentChanges: async (limit, agent = null) =>
      copy(
        records.agentChanges
          .filter((change) => agent === null || change.agent === agent)
          .toReversed()
          .slice(0, limit),
      ),
  };
}

/** What the step does to the holds of the task's agent, with its history and what a person is asked. */
export function settleHolds(records: Records, task: Task, step: Step, targets: PushTargets): void {
  const { holds } = records;
  const changes = holdsBy(step, task.spec, (account) => holds.get(account) ?? null);
  for (const change of changes) {
    const { account, after } = change;
    if (after === null) holds.delete(account);
    else holds.set(account, copy(after));
    addChange(records, changeByAttempt(change, task.id, step.at));
  }
  for (const question of questions(task, step, changes, targets)) addDelivery(records, question);
}

function addChange({ agentChanges }: Records, change: AgentChange | null): void {
  if (change === null) return;
  agentChanges.push({ seq: (agentChanges.at(-1)?.seq ?? 0) + 1, ...change });
  if (agentChanges.length > AGENT_CHANGES_KEPT) agentChanges.shift();
}
