/**
 * The access token lives in this module's memory and nowhere else: a reload asks for a new one with the
 * HttpOnly refresh cookie, which scripts cannot read.
 */
let token = "";
let renewAt = 0;
let running: Promise<boolean> | undefined;
let onLost: () => void = () => undefined;

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

async function ask(): Promise<boolean> {
  let response: Response;
  try {
    response = await fetch("/v1/session:refresh", { method: "POST", credentials: "same-origin" });
  } catch {
    // The link is down; the session may well be alive, so nothing is dropped.
    return false;
  }
  if (response.ok) {
    keepToken((await response.json()) as TokenReply);
    return true;
  }
  if (response.status === 401 || response.status === 403) {
    const had = token !== "";
    dropToken();
    if (had) onLost();
  }
  return false;
}

async function oneAtATime(): Promise<boolean> {
  // Plain-http addresses other than localhost have no locks.
  const locks = navigator.locks as LockManager | null | undefined;
  return locks ? locks.request("louyu.refresh", ask) : ask();
}

/**
 * Asks for a new access token; callers that come meanwhile wait for the same answer. Refresh tokens rotate
 * and a reused one ends the session, so two tabs must never ask at the same time: hence the lock.
 */
export function refresh(): Promise<boolean> {
  running ??= oneAtATime().finally(() => {
    running = undefined;
  });
  return running;
}

/** For long-lived readers (the live channel) that cannot wait for a 401. */
export async function freshToken(): Promise<string> {
  if (!token || Date.now() > renewAt) await refresh();
  return token;
}
