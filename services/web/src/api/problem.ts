/** One field that was refused, by the path the server uses for it (`materials[2].name`). */
export interface FieldProblem {
  field: string;
  reason: string;
  detail: string;
  messages?: Sentences;
}

/** The same sentence in both languages, so that switching the language also switches a refusal. */
export interface Sentences {
  zh?: string;
  en?: string;
}

export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  reason?: string;
  messages?: Sentences;
  fields?: FieldProblem[];
  /** The verbs that the present state allows, with 409. */
  allowed?: string[];
  state?: string;
  request_id?: string;
}

/** Every refusal the web can meet, RFC 9457 or not: a link that is down is one too, with status 0. */
export class Problem extends Error {
  readonly status: number;
  readonly reason: string;
  readonly title: string;
  readonly detail: string;
  readonly messages: Sentences;
  readonly fields: readonly FieldProblem[];
  readonly allowed: readonly string[];
  readonly requestId: string;
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.detail ?? body.title ?? body.reason ?? `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.reason = body.reason ?? (status === 0 ? "LINK_DOWN" : `HTTP_${status}`);
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    this.messages = body.messages ?? {};
    this.fields = body.fields ?? [];
    this.allowed = body.allowed ?? [];
    this.requestId = body.request_id ?? "";
    this.retryAfter = retryAfter;
  }
}

export function linkDown(): Problem {
  return new Problem(0, {});
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // A defect of ours, not of the network: let the console show it, and the page say something.
  reportError(error);
  return new Problem(-1, { reason: "PAGE_FAILED", detail: error instanceof Error ? error.message : String(error) });
}

export async function readProblem(response: Response): Promise<Problem> {
  const header = response.headers.get("retry-after");
  const retryAfter = header === null || Number.isNaN(Number(header)) ? undefined : Number(header);
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("json")) return new Problem(response.status, {}, retryAfter);
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  return new Problem(response.status, body, retryAfter);
}
