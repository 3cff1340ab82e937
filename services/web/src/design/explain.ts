import type { Problem } from "@/api/problem";

import { say } from "./words";

/** The sentence a person reads. The server's own sentence wins; without one, the status decides. */
export function explain(problem: Problem): string {
  if (problem.status === 0) return say("linkDown");
  if (problem.status === -1) return say("pageFailed");
  if (problem.detail) return problem.detail;
  if (problem.status === 403) return say("noPermission");
  if (problem.status === 404) return say("notFound");
  if (problem.status === 412) return say("stale");
  if (problem.retryAfter !== undefined) return say("busyLater", { n: problem.retryAfter });
  return problem.title || say("unknownError");
}
