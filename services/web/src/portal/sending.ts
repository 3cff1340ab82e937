import { ref, type Ref } from "vue";

import { asProblem, type Problem } from "@/api";
import { explain } from "@/design";

const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;
const SENT_BEFORE = "IDEMPOTENCY_KEY_REUSED";
const PASSING = [401, 408, 409, 429];

/** What was filled in on the phone and waits for a link. */
export interface Waiting {
  /** One key for its whole life: however often it is sent, it counts once. */
  key: string;
  /** Why the district did not accept it. */
  refused: string;
}

export interface Sender<R extends Waiting> {
  sending: Ref<boolean>;
  /** Sends what waits, one after the other; what could not be sent is tried again by itself. */
  sendWaiting: (tenant: string, book: { waiting: R[] }, sent: () => void) => Promise<void>;
}

/**
 * `send` brings one report to the district; `forget` clears away what a sent one leaves on the phone; `mend` puts
 * right what a refusal is about, so that the next attempt can succeed.
 */
export function sender<R extends Waiting>(
  send: (tenant: string, report: R) => Promise<void>,
  how: { forget?: (report: R) => Promise<void>; mend?: (report: R, problem: Problem) => boolean } = {},
): Sender<R> {
  const sending = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;

  /** Whether the report is settled: accepted, or refused with a reason that waiting does not mend. */
  async function settled(tenant: string, report: R): Promise<boolean> {
    try {
      await send(tenant, report);
      return true;
    } catch (error) {
      const problem = asProblem(error);
      // It arrived earlier and only the answer was lost.
      if (problem.reason === SENT_BEFORE) return true;
      if (how.mend?.(report, problem)) return false;
      if (problem.status >= 400 && problem.status < 500 && !PASSING.includes(problem.status)) {
        report.refused = explain(problem);
      }
      return false;
    }
  }

  async function sendWaiting(tenant: string, book: { waiting: R[] }, sent: () => void): Promise<void> {
    if (sending.value) return;
    clearTimeout(timer);
    sending.value = true;
    try {
      for (const report of [...book.waiting]) {
        if (report.refused || !(await settled(tenant, report))) continue;
        book.waiting = book.waiting.filter((one) => one.key !== report.key);
        await how.forget?.(report);
        wait = FIRST_WAIT_MS;
        sent();
      }
    } finally {
      sending.value = false;
    }
    if (book.waiting.some((one) => !one.refused)) {
      timer = setTimeout(() => void sendWaiting(tenant, book, sent), wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  return { sending, sendWaiting };
}

/** Follows the link: as soon as it is back, what waits is sent. */
export function followLink(again: () => void): () => void {
  window.addEventListener("online", again);
  return () => window.removeEventListener("online", again);
}
