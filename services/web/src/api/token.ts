/**
 * The access token lives in this module's memory and nowhere else: a reload asks for a new one with the
 * HttpOnly refresh cookie, which scripts cannot read.
 */
let token = "";
let renewAt = 0;
let running: Promise<Renewal> | undefined;
let onLost: () => void = () => undefined;
let onForbidden: () => void = () => undefined;

/** "away": nobody answered, so the session may well be alive. */
export type Renewal = "renewed" | "ended" | "away";

interface TokenReply {
  access_token: string;
  expires_in: number;
}

export function accessToken(): string {
  return token;
}

export function keepToken(reply: TokenReply): void {
  token = reply.access_token;
  renewAt = Date.now() + Math.max(10, reply.expires_in - 30) * 1000;
}

export function dropToken(): void {
  token = "";
  renewAt = 0;
}

/** What to do when the session has ended on the server's side. */
export function whenSessionEnds(handler: () => void): void {
  onLost = handler;
}

/** What to do when something was refused that the page had offered: the roles may have changed. */
export function whenForbidden(handler: () => void): void {
  onForbidden = handler;
}

export function forbidden(): void {
  onForbidden();
}

async function ask(): Promise<Renewal> {
  let response: Response;
  try {
    response = await fetch("/v1/session:refresh", { method: "POST", credentials: "same-origin" });
  } catch {
    return "away";
  }
  if (response.ok) {
    keepToken((await response.json()) as TokenReply);
    return "renewed";
  }
  if (response.status !== 401 && response.status !== 403) return "away";
  const had = token !== "";
  dropToken();
  if (had) onLost();
  return "ended";
}

async function oneAtATime(): Promise<Renewal> {
  // Plain-http addresses other than localhost have no locks.
  const locks = navigator.locks as LockManager | null | undefined;
  return locks ? locks.request("louyu.refresh", ask) : ask();
}

/**
 * Asks for a new access token; callers that come meanwhile wait for the same answer. Refresh tokens rotate
 * and a reused one ends the session, so two tabs must never ask at the same time: hence the lock.
 */
export function renew(): Promise<Renewal> {
  running ??= oneAtATime().finally(() => {
    running = undefined;
  });
  return running;
}

export async function refresh(): Promise<boolean> {
  return (await renew()) === "renewed";
}

/** For long-lived readers (the live channel) that cannot wait for a 401. */
export async function freshToken(): Promise<string> {
  if (!token || Date.now() > renewAt) await refresh();
  return token;
}
