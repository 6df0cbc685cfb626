// What the console's pages load: GOV.UK and Ministry of Justice components, and htmx with its server-sent events.
import { initAll } from "govuk-frontend";
import { initAll as initMoj } from "@ministryofjustice/frontend";
import htmx from "htmx.org";

window.htmx = htmx;
// Nothing inline: the Content-Security-Policy allows no script or style that is not ours.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
await import("htmx-ext-sse");
await import("./talk.js");

// Without these marks the components stay asleep; GOV.UK sets them inline, which our policy forbids.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
initMoj();
