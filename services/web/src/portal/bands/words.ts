import { defineWords } from "@/words";

export const say = defineWords(
  {
    title: "员工积分等级",
    text: "只有本人同意后，您才能看到其等级；只有参与、积极、突出三档，没有分数和扣分。每次查看都会留下记录，本人也能看到。",
    firm: "企业",
    firmUnnamed: "本企业",
    ask: "请员工共享",
    asked: "已经发出请求。员工会在“我的积分”里决定是否同意；在那之前，您看不到任何信息。",
    look: "查看等级",
    who: "称呼",
    band: "等级",
    shown: "{n} 人同意共享，按近 {days} 天统计",
    none: "您还没有代表的企业",
  },
  {
    title: "Bands of our people",
    text: "You see a band only of those who agree: takes part, active, outstanding. No figures, no deductions. Every look is recorded, and the member sees it too.",
    firm: "Enterprise",
    firmUnnamed: "The firm",
    ask: "Ask to share",
    asked: "Asked. Members decide under My points; until then you see nothing.",
    look: "See the bands",
    who: "Name",
    band: "Band",
    shown: "{n} {n?person|people} share, counted over {days} days",
    none: "You represent no enterprise here",
  },
);
