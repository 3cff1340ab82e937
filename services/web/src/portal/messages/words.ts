import { defineWords } from "@/words";

export const say = defineWords(
  {
    title: "消息",
    all: "全部",
    unread: "未读",
    markAll: "全部标为已读",
    marked: "已全部标为已读",
    empty: "还没有消息",
    emptyUnread: "没有未读消息",
    emptyHint: "您的申请、办件和报名每有进展，都会在这里告诉您。",
    unreadMark: "未读",
    open: "查看",
    failed: "邮件没有送达，只在这里显示",
  },
  {
    title: "Messages",
    all: "All",
    unread: "Unread",
    markAll: "Mark all as read",
    marked: "All marked as read",
    empty: "No message yet",
    emptyUnread: "Nothing unread",
    emptyHint: "Every step of your requests, cases and enrolments is told here.",
    unreadMark: "unread",
    open: "Open",
    failed: "The e-mail did not arrive; it is shown here only",
  },
);
