/** What a browser that calls itself so most likely is: enough to recognise the own phone in a list. */
export function deviceOf(agent: string | undefined): { kind: "phone" | "tablet" | "computer" | ""; browser: string } {
  const text = agent ?? "";
  if (text === "") return { kind: "", browser: "" };
  const kind = /iPad|Tablet/i.test(text) ? "tablet" : /Mobi|Android|iPhone/i.test(text) ? "phone" : "computer";
  const named: readonly (readonly [RegExp, string])[] = [
    [/MicroMessenger\//, "WeChat"],
    [/DingTalk\//, "DingTalk"],
    [/Edg\//, "Edge"],
    [/Firefox\//, "Firefox"],
    [/Chrome\/|Chromium\//, "Chrome"],
    [/Safari\//, "Safari"],
  ];
  return { kind, browser: named.find(([pattern]) => pattern.test(text))?.[1] ?? "" };
}
