import type { FieldProblem, Problem } from "@/api/problem";
import { locale } from "@/words";

import { say } from "./words";

/** The sentence a person reads. The server's own sentence wins; without one, the status decides. */
export function explain(problem: Problem): string {
  if (problem.status === 0) return say("linkDown");
  if (problem.status === -1) return say("pageFailed");
  const said = problem.messages[locale.value] || problem.detail;
  if (said) return said;
  if (problem.status === 403) return say("noPermission");
  if (problem.status === 404) return say("notFound");
  if (problem.status === 412) return say("stale");
  if (problem.retryAfter !== undefined) return say("busyLater", { n: problem.retryAfter });
  return problem.title || say("unknownError");
}

/** The sentence for one refused field. */
export function explainField(one: FieldProblem): string {
  return one.messages?.[locale.value] || one.detail || one.reason;
}
