// What pages gain with script. Each part looks for its own elements and does nothing without
// them; every page works before, and without, all of this.
import { liveCheck } from "./check.js";
import { copyButtons } from "./copy.js";
import { keys } from "./keys.js";
import { liveRegion } from "./live.js";
import { followLog } from "./log.js";
import { menus } from "./menus.js";
import { palette } from "./palette.js";
import { liveSearch } from "./search.js";
import { tabs } from "./tabs.js";
import { themeToggle } from "./theme.js";
import { localTimes } from "./times.js";

for (const part of [
  themeToggle, menus, keys, palette, tabs, copyButtons, localTimes, liveSearch, liveRegion, followLog, liveCheck,
]) part(document);

document.querySelector("[data-focus]")?.focus();
