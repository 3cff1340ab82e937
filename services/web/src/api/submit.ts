import { ref, type Ref } from "vue";

import { newKey } from "./http";
import { asProblem, type Problem } from "./problem";

export interface Submission<A extends unknown[], R> {
  busy: Ref<boolean>;
  problem: Ref<Problem | undefined>;
  /** Resolves to the reply, or to undefined when it was refused: `problem` then says why. */
  run: (...args: A) => Promise<R | undefined>;
  clear: () => void;
}

/**
 * One form or button. While it runs it cannot run again; the idempotency key stays the same until it
 * succeeded, so that a retry after a lost answer has one effect. Changed content is another submission:
 * it gets a new key, because the server refuses an old key with a new payload.
 */
export function useSubmit<A extends unknown[], R>(work: (key: string, ...args: A) => Promise<R>): Submission<A, R> {
  const busy = ref(false);
  const problem = ref<Problem>();
  let key = newKey();
  let content = "";

  async function run(...args: A): Promise<R | undefined> {
    if (busy.value) return undefined;
    const now = JSON.stringify(args);
    if (now !== content) {
      key = newKey();
      content = now;
    }
    busy.value = true;
    problem.value = undefined;
    try {
      const reply = await work(key, ...args);
      key = newKey();
      return reply;
    } catch (error) {
      problem.value = asProblem(error);
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  return { busy, problem, run, clear: () => (problem.value = undefined) };
}
