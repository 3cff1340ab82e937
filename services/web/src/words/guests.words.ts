import { wordOr } from "./index";

/** The words of guests, the same on every face. */
export const guestEndingWord = wordOr(
  { TERM_OVER: "已到期", LEFT: "本人退出", WITHDRAWN: "单位收回" },
  { TERM_OVER: "Term over", LEFT: "Left", WITHDRAWN: "Ended by the office" },
);

export const guestVerbWord = wordOr(
  { admit: "同意", reject: "不同意", end: "结束", confirm: "确认", decline: "不需要", leave: "退出" },
  { admit: "Admit", reject: "Do not admit", end: "End", confirm: "Confirm", decline: "No, thank you", leave: "Leave" },
);
