import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick } from "vue";

import { address, api } from "@/api/http";
import { followTenant, liveState, parseEvents, useLive } from "@/api/live";
import { asPage, usePages } from "@/api/pages";
import { Problem } from "@/api/problem";
import { useSubmit } from "@/api/submit";
import { dropToken, keepToken } from "@/api/token";

function reply(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": status < 400 ? "application/json" : "application/problem+json", ...headers },
  });
}

const fetchMock = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal("fetch", fetchMock);
  fetchMock.mockReset();
  keepToken({ access_token: "first", expires_in: 300 });
});

afterEach(() => dropToken());

const header = (call: number, name: string): string | null =>
  new Headers(fetchMock.mock.calls[call]?.[1].headers).get(name);

describe("one call", () => {
  it("fills the route and leaves out empty filters", () => {
    expect(
      address("/v1/tenants/{tenant}/requests", {
        path: { tenant: "a b" },
        query: { q: "", state: "SUBMITTED", mine: false, page_size: 0 },
      }),
    ).toBe("/v1/tenants/a%20b/requests?state=SUBMITTED&page_size=0");
    expect(() => address("/v1/{id}", {})).toThrow("needs id");
  });

  it("renews an expired token once and repeats the write under the same key", async () => {
    fetchMock
      .mockResolvedValueOnce(reply(401, { reason: "TOKEN_EXPIRED" }))
      .mockResolvedValueOnce(reply(200, { access_token: "second", expires_in: 300 }))
      .mockResolvedValueOnce(reply(200, { id: "1" }));
    await expect(api.post("/v1/things", { body: { a: 1 } })).resolves.toEqual({ id: "1" });
    expect(fetchMock.mock.calls[1]?.[0]).toBe("/v1/session:refresh");
    expect(header(2, "authorization")).toBe("Bearer second");
    expect(header(2, "idempotency-key")).toBe(header(0, "idempotency-key"));
  });

  it("turns problem+json into a typed refusal", async () => {
    fetchMock.mockResolvedValueOnce(
      reply(409, { status: 409, reason: "WRONG_STATE", detail: "工单已办结。", allowed: ["reopen"] }),
    );
    const problem = await api.get("/v1/x").catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 409, reason: "WRONG_STATE", detail: "工单已办结。", allowed: ["reopen"] });
  });

  it("says that the link is down", async () => {
    fetchMock.mockRejectedValueOnce(new TypeError("failed"));
    await expect(api.get("/v1/x")).rejects.toMatchObject({ status: 0, reason: "LINK_DOWN" });
  });

  it("waits as long as the server asks, once", async () => {
    fetchMock
      .mockResolvedValueOnce(reply(503, { reason: "UNAVAILABLE" }, { "retry-after": "0" }))
      .mockResolvedValueOnce(reply(200, { ok: true }));
    await expect(api.get("/v1/x")).resolves.toEqual({ ok: true });
  });
});

describe("a submission", () => {
  it("keeps its key until it succeeded, and takes a new one for new content", async () => {
    const keys: string[] = [];
    let fail = true;
    const form = useSubmit((key: string, value: string) => {
      keys.push(key);
      return fail ? Promise.reject(new Problem(503, {})) : Promise.resolve(value);
    });
    await form.run("a");
    expect(form.problem.value?.status).toBe(503);
    await form.run("a");
    await form.run("b");
    fail = false;
    await form.run("b");
    await form.run("b");
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[1]);
    expect(keys[3]).toBe(keys[2]);
    expect(keys[4]).not.toBe(keys[3]);
    expect(form.problem.value).toBeUndefined();
  });
});

describe("a list", () => {
  it("finds the rows of a reply by their shape", () => {
    expect(asPage({ tickets: [1, 2], next_page_token: "t" })).toEqual({ items: [1, 2], next: "t" });
    expect(asPage({})).toEqual({ items: [], next: "" });
  });

  it("appends pages and keeps what is shown when a refresh fails", async () => {
    const answers: Record<string, object> = { "": { rows: [1, 2], next_page_token: "2" }, "2": { rows: [3] } };
    let broken = false;
    const scope = effectScope();
    const pages = scope.run(() =>
      usePages<number>((token) => (broken ? Promise.reject(new Problem(0, {})) : Promise.resolve(answers[token] ?? {}))),
    );
    if (!pages) throw new Error("no scope");
    await vi.waitFor(() => expect(pages.loading.value).toBe(false));
    expect(pages.more.value).toBe(true);
    await pages.next();
    expect(pages.items.value).toEqual([1, 2, 3]);
    expect(pages.more.value).toBe(false);
    broken = true;
    await pages.refresh();
    await nextTick();
    expect(pages.items.value).toEqual([1, 2, 3]);
    expect(pages.problem.value).toBeUndefined();
    scope.stop();
  });
});

describe("the live channel", () => {
  it("splits events and keeps the unfinished rest", () => {
    const { events, rest } = parseEvents(': hello\n\nid: 7\nevent: change\ndata: {"a":1}\n\ndata: {"b"');
    expect(events).toEqual([{ event: "change", id: "7", data: '{"a":1}' }]);
    expect(rest).toBe('data: {"b"');
  });

  it("has everybody read again once the server listens, not before", async () => {
    let say: (words: string) => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(channel) {
        say = (words) => channel.enqueue(new TextEncoder().encode(words));
      },
    });
    fetchMock.mockResolvedValue(new Response(body, { headers: { "content-type": "text/event-stream" } }));
    const reads = vi.fn();
    const scope = effectScope();
    scope.run(() => useLive(["ticket"], reads, 0));
    followTenant("t");
    await vi.waitFor(() => expect(fetchMock).toHaveBeenCalled());
    expect(liveState.value).toBe("connecting");

    say(": connected\nretry: 2000\n\n");
    await vi.waitFor(() => expect(reads).toHaveBeenCalledTimes(1));
    expect(liveState.value).toBe("live");
    say('data: {"aggregate":"case"}\n\ndata: {"aggregate":"ticket"}\n\n');
    await vi.waitFor(() => expect(reads).toHaveBeenCalledTimes(2));
    followTenant("");
    scope.stop();
  });
});
