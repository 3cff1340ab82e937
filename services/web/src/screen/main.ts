import "@/design/base.css";
import "./screen.css";

import { createApp } from "vue";

import { applyTheme } from "@/design/theme";

import App from "./App.vue";
import { router } from "./router";

applyTheme();
createApp(App).use(router).mount("#app");
