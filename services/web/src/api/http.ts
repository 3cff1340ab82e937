import { locale } from "@/words";

import { linkDown, Problem, readProblem } from "./problem";
import { parse } from "./said";
import { accessToken, forbidden, refresh } from "./token";

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined | null>>;

export interface Options {
  /** Fills `{name}` of the route. */
  path?: Readonly<Record<string, string>>;
  query?: Query;
  body?: unknown;
  /** Sent as If-Match: the version the person has seen. */
  etag?: string;
  /** One key per submission; a retry of the same submission carries the same key. */
  key?: string;
  /** Why a protected record is read; audited. */
  reason?: string;
  purpose?: string;
  signal?: AbortSignal;
  /** Sign-in and the like: no token is sent, and 401 is an answer, not an expired session. */
  anonymous?: boolean;
}

export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

export function newKey(): string {
  // randomUUID exists only on https and localhost; a building's test machine may have neither.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function address(route: string, options: Options = {}): string {
  const path = route.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = options.path?.[name];
    if (!value) throw new Error(`route ${route} needs ${name}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) query.append(name, one);
    else query.set(name, String(value as string | number | boolean));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function headers(method: Method, options: Options): Headers {
  const out = new Headers({ accept: "application/json", "accept-language": locale.value === "zh" ? "zh-CN" : "en" });
  const token = accessToken();
  if (token && !options.anonymous) out.set("authorization", `Bearer ${token}`);
  if (options.body !== undefined && !(options.body instanceof FormData)) out.set("content-type", "application/json");
  if (method === "POST" && !options.anonymous) out.set("idempotency-key", options.key ?? newKey());
  if (options.etag) out.set("if-match", `"${options.etag}"`);
  if (options.purpose) out.set("x-purpose", encodeURIComponent(options.purpose));
  if (options.reason) out.set("x-reason", encodeURIComponent(options.reason));
  return out;
}

function payload(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined;
  return body instanceof FormData ? body : JSON.stringify(body);
}

async function once(method: Method, url: string, options: Options, key: string | undefined): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: headers(method, { ...options, key }),
    body: payload(options.body),
    credentials: "same-origin",
  };
  if (options.signal) init.signal = options.signal;
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw linkDown();
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * One call to the gateway. An expired token is refreshed once without the caller noticing; reads, and
 * writes (whose key makes them safe to repeat), are tried again once when the server says "soon".
 */
export async function respond(method: Method, route: string, options: Options = {}): Promise<Response> {
  const url = address(route, options);
  const key = method === "POST" ? (options.key ?? newKey()) : undefined;
  let response = await once(method, url, options, key);
  if (response.status === 401 && !options.anonymous && (await refresh())) {
    response = await once(method, url, options, key);
  }
  if (response.status === 503 || response.status === 429) {
    const problem = await readProblem(response);
    if (problem.retryAfter !== undefined && problem.retryAfter <= 2) {
      await pause(problem.retryAfter * 1000 + 200);
      response = await once(method, url, options, key);
    } else throw problem;
  }
  if (response.status === 403) forbidden();
  if (!response.ok) throw await readProblem(response);
  return response;
}

export async function send<T>(method: Method, route: string, options: Options = {}): Promise<T> {
  const response = await respond(method, route, options);
  if (response.status === 204) return undefined as T;
  return parse<T>(await response.text());
}

/** `api.get<Ticket>("/v1/tenants/{tenant}/requests/{id}", { path: { tenant, id } })`; routes are those of /openapi.json. */
export const api = {
  get: <T>(route: string, options?: Options) => send<T>("GET", route, options),
  post: <T>(route: string, options?: Options) => send<T>("POST", route, { body: {}, ...options }),
  patch: <T>(route: string, options?: Options) => send<T>("PATCH", route, options),
  delete: <T>(route: string, options?: Options) => send<T>("DELETE", route, options),
};

export { Problem };
