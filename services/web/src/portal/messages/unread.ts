import { ref, watch } from "vue";

import { api, useLive } from "@/api";
import { session } from "@/session/session";

/** How much is unread, for the tab. A failure leaves the last figure: a badge is no place for an error. */
export const unread = ref(0);

export async function countUnread(): Promise<void> {
  try {
    const reply = await api.get<{ unread?: number }>("/v1/me/messages:count-unread");
    unread.value = reply.unread ?? 0;
  } catch {
    return;
  }
}

/** Called once, by the shell. */
export function followUnread(): void {
  watch(
    () => (session.status === "in" ? session.me?.account.id : ""),
    (account) => {
      if (account) void countUnread();
      else if (session.status === "out") unread.value = 0;
    },
    { immediate: true },
  );
  useLive(["message"], () => void countUnread());
}
