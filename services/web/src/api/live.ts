import { onScopeDispose, ref, type Ref } from "vue";

import { freshToken } from "./token";

/** A change the caller may see: what happened to which aggregate. Read the thing itself for its content. */
export interface LiveEvent {
  id: string;
  type: string;
  tenant: string;
  aggregate: string;
  aggregate_id: string;
  time: string;
}

export type LiveState = "off" | "connecting" | "live" | "down";

/** Stands for "anything may have changed": the server dropped hints, or the link was away. */
const RESET: LiveEvent = { id: "", type: "reset", tenant: "", aggregate: "", aggregate_id: "", time: "" };

type Listener = (event: LiveEvent) => void;

/** How the link is; shown by LiveMark. */
export const liveState: Ref<LiveState> = ref("off");

const listeners = new Set<Listener>();
let wanted = "";
let stop: AbortController | undefined;

/** Splits a text/event-stream into its events; keeps the unfinished rest. */
export function parseEvents(buffer: string): { events: { event: string; id: string; data: string }[]; rest: string } {
  const blocks = buffer.replace(/\r\n?/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = [];
  for (const block of blocks) {
    let event = "message";
    let id = "";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") event = value;
      else if (field === "id") id = value;
      else if (field === "data") data.push(value);
    }
    if (data.length > 0) events.push({ event, id, data: data.join("\n") });
  }
  return { events, rest };
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

async function follow(tenant: string, signal: AbortSignal): Promise<void> {
  let wait = FIRST_WAIT_MS;
  let last = "";
  while (!signal.aborted) {
    if (liveState.value === "off") liveState.value = "connecting";
    try {
      const token = await freshToken();
      const response = await fetch(`/v1/live?tenant=${encodeURIComponent(tenant)}`, {
        headers: {
          accept: "text/event-stream",
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(last ? { "last-event-id": last } : {}),
        },
        credentials: "same-origin",
        signal,
      });
      if (!response.ok || !response.body) throw new Error(`live: ${response.status}`);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = "";
      let listening = false;
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        // The server's first words say that it listens now. Hints are not replayed: whatever changed
        // before, after the page was read or between two channels, is read anew.
        if (!listening) {
          listening = true;
          liveState.value = "live";
          wait = FIRST_WAIT_MS;
          resetAll();
        }
        const parsed = parseEvents(buffer + value);
        buffer = parsed.rest;
        for (const one of parsed.events) {
          if (one.id) last = one.id;
          if (one.event === "reset") resetAll();
          else if (one.event === "message") deliver(one.data);
        }
      }
    } catch {
      if (signal.aborted) return;
      liveState.value = "down";
    }
    await new Promise((done) => setTimeout(done, wait + Math.random() * 250));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

function deliver(data: string): void {
  let event: LiveEvent;
  try {
    event = JSON.parse(data) as LiveEvent;
  } catch {
    return;
  }
  for (const listener of listeners) listener(event);
}

/** Changes may have been missed: everybody reads again. */
function resetAll(): void {
  for (const listener of listeners) listener(RESET);
}

/** Whether any of the events is about this aggregate, or may be. */
export function concerns(events: readonly LiveEvent[], id: string): boolean {
  return events.some((event) => event.aggregate_id === id || event.type === RESET.type);
}

/** Follows one tenant; the shell calls it once, and again when the person changes the tenant. */
export function followTenant(tenant: string): void {
  if (tenant === wanted) return;
  stop?.abort();
  wanted = tenant;
  if (!tenant) {
    liveState.value = "off";
    return;
  }
  liveState.value = "connecting";
  stop = new AbortController();
  void follow(tenant, stop.signal);
}

/**
 * Calls back for events of these aggregates ("ticket", "case"); a burst of events is one call. A reset
 * comes as an event without an aggregate.
 */
export function useLive(aggregates: readonly string[], changed: (events: LiveEvent[]) => void, quietMs = 250): void {
  let waiting: LiveEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listener: Listener = (event) => {
    if (event !== RESET && !aggregates.includes(event.aggregate)) return;
    waiting.push(event);
    timer ??= setTimeout(() => {
      const batch = waiting;
      waiting = [];
      timer = undefined;
      changed(batch);
    }, quietMs);
  };
  listeners.add(listener);
  onScopeDispose(() => {
    listeners.delete(listener);
    clearTimeout(timer);
  });
}
