import { defineWords, wordOr } from "@/words";

export const say = defineWords(
  {
    title: "消息",
    hint: "与您有关的进展。打开后记为已读。",
    readAll: "全部标为已读",
    unreadOnly: "只看未读",
    unread: "未读",
    open: "查看",
    emptyTitle: "没有消息",
    emptyHint: "工单、活动、办件有进展时会在这里提醒您。",
    deliveries: "送达记录",
    deliveriesHint: "每一次投递的结果；失败会自动重试，重试用尽后记为放弃。",
    template: "模板",
    channel: "渠道",
    attempt: "第几次",
    outcome: "结果",
    answer: "对方回复",
    time: "时间",
    noDeliveries: "没有送达记录",
  },
  {
    title: "Messages",
    hint: "What moved and concerns you. Opening a message marks it as read.",
    readAll: "Mark all as read",
    unreadOnly: "Only unread",
    unread: "unread",
    open: "Open",
    emptyTitle: "No messages",
    emptyHint: "You are told here when a request, activity or case moves.",
    deliveries: "Deliveries",
    deliveriesHint: "The outcome of every attempt. Failed ones are tried again until the tries are used up.",
    template: "Template",
    channel: "Channel",
    attempt: "Attempt",
    outcome: "Outcome",
    answer: "Answer",
    time: "Time",
    noDeliveries: "No deliveries",
  },
);

export const channelWord = wordOr({ IN_APP: "站内", EMAIL: "电子邮件" }, { IN_APP: "In-app", EMAIL: "E-mail" });

export const outcomeWord = wordOr(
  { ACCEPTED: "已送出", DEFERRED: "稍后重试", GAVE_UP: "放弃" },
  { ACCEPTED: "Accepted", DEFERRED: "Tried again later", GAVE_UP: "Gave up" },
);
